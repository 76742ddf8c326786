import { type Canvas, createCanvas, type Image, loadImage } from "@napi-rs/canvas";
import type { TextOverlay } from "@polyreel/contract";
import { contrast, luminance } from "../contrast.js";
import { renderTexts, type TextPicture } from "../render-texts.js";
import { PORTRAIT } from "./backdrops.js";
import { nearestLetters } from "./nearest-letters.js";

/** Width of a phone's display in CSS pixels. */
export const PHONE_WIDTH = 360;
/** How far around a letter its contrast counts, relative to the height of a line: half a stem of Noto Sans Bold. */
const RING = 0.057;
/** At least this many pixels: a phone's letters have stems of one or two. */
const MIN_RING = 1.5;
/** Coverage from which a pixel belongs to a letter, and up to which it counts as its outside. */
const INSIDE = 0.5;
const OUTSIDE = 0.02;
/** Part of a letter's pixels, the most covered ones, that are its colour: WCAG ignores antialiasing. */
const SOLID = 0.2;
/** Part of the pixels around a letter, the worst, that is ignored. */
const IGNORED = 0.05;
/** In smaller specks no colour can be measured. */
const MIN_PIXELS = 4;

/** A drawn text and the pixels in and around each of its letters, by index in its frame. */
export interface Specimen {
  image: Image;
  x: number;
  y: number;
  width: number;
  height: number;
  letters: { solid: number[]; ring: number[] }[];
}

/** Draws a text as the renderer does, for a portrait canvas that is shown `width` pixels wide. */
export async function drawSpecimen(text: TextOverlay, width = PORTRAIT.width): Promise<Specimen> {
  const drawn = await onlyPicture(text);
  // A transparent shadow replaces the edge: what remains are the letters.
  const letters = await onlyPicture({ ...text, color: "#ffffffff", shadowColor: "#00000000" });
  const coverage = createCanvas(drawn.width, drawn.height);
  coverage.getContext("2d").drawImage(await loadImage(letters.png), letters.x - drawn.x, letters.y - drawn.y);
  const scale = width / PORTRAIT.width;
  const size = { width: Math.round(drawn.width * scale), height: Math.round(drawn.height * scale) };
  const reach = Math.max(MIN_RING, RING * text.size * width);
  return {
    ...{ image: await loadImage(drawn.png), x: drawn.x, y: drawn.y, ...size },
    letters: lettersOf(resized(coverage, size), reach),
  };
}

async function onlyPicture(text: TextOverlay): Promise<TextPicture> {
  const scene = { canvas: PORTRAIT, stretch: { fromSeconds: 0, toSeconds: 1 }, fontPath: async () => "" };
  for await (const picture of renderTexts([text], scene)) return picture;
  throw new Error("Nothing was drawn.");
}

function lettersOf(coverage: Canvas, reach: number): Specimen["letters"] {
  const { width, height } = coverage;
  const { data } = coverage.getContext("2d").getImageData(0, 0, width, height);
  const covered = Float32Array.from({ length: width * height }, (_, i) => (data[4 * i + 3] ?? 0) / 255);
  const letters = new Map<number, { inside: number[]; ring: number[] }>();
  nearestLetters(covered, { width, height, inside: INSIDE, reach }).forEach((nearest, i) => {
    if (nearest < 0) return;
    const letter = letters.get(nearest) ?? { inside: [], ring: [] };
    letters.set(nearest, letter);
    const part = covered[i] ?? 0;
    if (part >= INSIDE) letter.inside.push(i);
    else if (part <= OUTSIDE) letter.ring.push(i);
  });
  return [...letters.values()]
    .filter(({ inside, ring }) => inside.length >= MIN_PIXELS && ring.length >= MIN_PIXELS)
    .map(({ inside, ring }) => {
      const byCoverage = inside.sort((a, b) => (covered[b] ?? 0) - (covered[a] ?? 0));
      return { solid: byCoverage.slice(0, Math.ceil(SOLID * inside.length)), ring };
    });
}

/** The text on a backdrop: only the part of it that the text covers. */
export function frameOf({ image, x, y, width, height }: Specimen, backdrop: Canvas): Canvas {
  const frame = createCanvas(image.width, image.height);
  const context = frame.getContext("2d");
  context.drawImage(backdrop, x, y, image.width, image.height, 0, 0, image.width, image.height);
  context.drawImage(image, 0, 0);
  return resized(frame, { width, height });
}

function resized(canvas: Canvas, { width, height }: { width: number; height: number }): Canvas {
  if (canvas.width === width) return canvas;
  const other = createCanvas(width, height);
  const context = other.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(canvas, 0, 0, width, height);
  return other;
}

/**
 * Contrast of the letter that is hardest to read on a backdrop (WCAG 2.2, 1 to 21): its colour against the pixels around
 * it, up to half a stem away, of which the worst 5 % are ignored.
 */
export function contrastOn(specimen: Specimen, backdrop: Canvas): number {
  const frame = frameOf(specimen, backdrop);
  const { data } = frame.getContext("2d").getImageData(0, 0, frame.width, frame.height);
  const luminanceAt = (i: number) =>
    luminance({ red: data[4 * i] ?? 0, green: data[4 * i + 1] ?? 0, blue: data[4 * i + 2] ?? 0 });
  const contrasts = specimen.letters.map(({ solid, ring }) => {
    const own = solid.reduce((sum, i) => sum + luminanceAt(i), 0) / solid.length;
    const all = ring.map((i) => contrast(own, luminanceAt(i))).sort((a, b) => a - b);
    return all[Math.floor(IGNORED * all.length)] ?? Number.NaN;
  });
  if (contrasts.length === 0) throw new Error("It has no letters.");
  return Math.min(...contrasts);
}
