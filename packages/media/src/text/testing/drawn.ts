import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { createCanvas, loadImage } from "@napi-rs/canvas";
import { type TextOverlay, TextOverlaySchema } from "@polyreel/contract";
import { renderTexts, type TextPicture } from "../render-texts.js";

const CANVAS = { width: 360, height: 640 };

/** The fields of a text besides the text itself. */
export type Style = Omit<MessageInitShape<typeof TextOverlaySchema>, "text" | "$typeName">;

/** A text with the planner's defaults, except for its size. */
export const overlay = (text: string, change: Style = {}): TextOverlay =>
  create(TextOverlaySchema, {
    ...{ text, position: "bottom", size: 0.1, color: "#ffffffff", maxWidth: 0.9, align: "center", safeArea: 0.06 },
    ...{ weight: 700, boxPadding: 0.35, boxRadius: 0.2 },
    ...change,
  });

/** All pictures of texts; of captions, those of the first ten seconds. */
export async function draw(texts: readonly TextOverlay[], fontPath = ""): Promise<TextPicture[]> {
  const stretch = { fromSeconds: 0, toSeconds: 10 };
  const pictures: TextPicture[] = [];
  for await (const picture of renderTexts(texts, { canvas: CANVAS, stretch, fontPath: async () => fontPath })) {
    pictures.push(picture);
  }
  return pictures;
}

export interface Pixel {
  x: number;
  y: number;
  red: number;
  green: number;
  blue: number;
  alpha: number;
}

/** Pixels of the whole canvas that are not transparent. */
export async function pixelsOf(picture: TextPicture | undefined): Promise<Pixel[]> {
  if (!picture) return [];
  const image = await loadImage(picture.png);
  if (image.width !== picture.width || image.height !== picture.height) throw new Error("It is of another size.");
  const context = createCanvas(CANVAS.width, CANVAS.height).getContext("2d");
  context.drawImage(image, picture.x, picture.y);
  const { data } = context.getImageData(0, 0, CANVAS.width, CANVAS.height);
  const found: Pixel[] = [];
  for (let i = 0; i < data.length; i += 4) {
    const [red = 0, green = 0, blue = 0, alpha = 0] = data.subarray(i, i + 4);
    const place = i / 4;
    if (alpha > 0) found.push({ x: place % 360, y: Math.floor(place / 360), red, green, blue, alpha });
  }
  return found;
}

/** Pixels of one text alone. */
export const pixels = async (text: string, change: Style = {}): Promise<Pixel[]> =>
  await pixelsOf((await draw([overlay(text, change)]))[0]);

export const isWhite = ({ red, green, blue, alpha }: Pixel): boolean => Math.min(red, green, blue, alpha) > 250;

export const isBlue = ({ red, green, blue, alpha }: Pixel): boolean =>
  Math.max(red, green) < 10 && Math.min(blue, alpha) > 245;
export const isRed = ({ red, green, blue, alpha }: Pixel): boolean =>
  Math.max(green, blue) < 10 && Math.min(red, alpha) > 245;

export const bounds = (found: readonly Pixel[]) => ({
  left: Math.min(...found.map(({ x }) => x)),
  right: Math.max(...found.map(({ x }) => x)),
  top: Math.min(...found.map(({ y }) => y)),
  bottom: Math.max(...found.map(({ y }) => y)),
});
