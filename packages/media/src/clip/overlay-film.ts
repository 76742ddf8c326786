import { copyFile, link, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Image } from "@napi-rs/canvas";
import { PolyreelError } from "@polyreel/platform";
import type { FfmpegInput } from "../ffmpeg/arguments.js";
import type { ClipFormat } from "./format.js";
import type { Size } from "./geometry.js";
import { evenDown, type OverlayImage, type OverlayState, overlayStates } from "./overlay.js";
import type { Box, OverlayGroup } from "./overlay-groups.js";
import { rate } from "./timing-filters.js";
import type { Stretch } from "./whole-choice.js";

/**
 * Overlays that appear, disappear and fade, as one ffmpeg input: a picture for every change, each with its number of
 * frames.
 */
export interface OverlayFilm {
  input: FfmpegInput;
  x: number;
  y: number;
}

/** An overlay with its area on the canvas. */
export interface PlacedOverlay {
  image: OverlayImage;
  box: Box;
}

/**
 * Draws a film. However many captions a clip has, ffmpeg gets one input and one filter for them, and a picture is drawn
 * per state, not per frame; one that shows a single overlay of the film's own area is that overlay's file. Its files go into `folder`, which must be empty. The film covers the group's bounding box,
 * cropped to the canvas; undefined if none of it is visible.
 */
export async function drawFilm(
  overlays: readonly PlacedOverlay[],
  { members, box }: OverlayGroup,
  stretch: Stretch & { format: ClipFormat },
  { folder, signal }: { folder: string; signal: AbortSignal },
): Promise<OverlayFilm | undefined> {
  const area = onEvenPixels(box, stretch.format);
  if (area.width <= 0 || area.height <= 0) return undefined;
  const placed = members.flatMap((member) => overlays[member] ?? []);
  const images = placed.map(({ image }) => image);
  const files = new Map<string, string>();
  const lines = ["ffconcat version 1.0"];
  const brush = await openBrush(images, area);
  for (const { shown, frames } of overlayStates(images, stretch)) {
    if (signal.aborted) throw new PolyreelError("cancelled", "It was cancelled.", { cause: signal.reason });
    const key = JSON.stringify(shown);
    const name = files.get(key) ?? `state-${files.size}`;
    if (!files.has(key)) {
      files.set(key, name);
      const file = join(folder, name);
      const alone = aloneIn(area, shown, placed);
      // Some file systems have no links.
      if (alone) await link(alone.path, file).catch(() => copyFile(alone.path, file));
      else await writeFile(file, await brush(shown));
    }
    // The rate becomes the file's time base, so that times are exact in frames.
    const microseconds = Math.round((frames * 1e6 * stretch.format.rateDenominator) / stretch.format.rateNumerator);
    lines.push(`file ${name}`, `option framerate ${rate(stretch.format)}`, `duration ${microseconds}us`);
  }
  const list = join(folder, "list");
  await writeFile(list, `${lines.join("\n")}\n`);
  return { input: { file: list, options: ["-threads", "1", "-f", "concat", "-safe", "0"] }, x: area.x, y: area.y };
}

/** The only overlay of a state, if it is fully visible and covers the film. */
function aloneIn(area: Box, shown: OverlayState["shown"], placed: readonly PlacedOverlay[]): OverlayImage | undefined {
  const [only, another] = shown;
  if (!only || another || only.opacity < 255) return undefined;
  const one = placed[only.overlay];
  const covers = one && (["x", "y", "width", "height"] as const).every((side) => one.box[side] === area[side]);
  return covers ? one.image : undefined;
}

/** Chroma has half the resolution, so the box begins and ends on even pixels of the canvas. */
function onEvenPixels({ x, y, width, height }: Box, canvas: Size): Box {
  const [left, top] = [evenDown(Math.max(0, x)), evenDown(Math.max(0, y))];
  const right = Math.min(canvas.width, evenDown(x + width + 1));
  const bottom = Math.min(canvas.height, evenDown(y + height + 1));
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** Draws the states of a film as PNG. Keeps only the images of the last state: films may have thousands. */
async function openBrush(
  images: readonly OverlayImage[],
  area: Box,
): Promise<(shown: OverlayState["shown"]) => Promise<Buffer>> {
  const { createCanvas, loadImage } = await import("@napi-rs/canvas");
  const canvas = createCanvas(area.width, area.height);
  const context = canvas.getContext("2d");
  let loaded = new Map<number, Image>();
  return async (shown) => {
    const before = loaded;
    loaded = new Map();
    context.clearRect(0, 0, area.width, area.height);
    for (const { overlay, opacity } of shown) {
      const image = images[overlay];
      if (!image) continue;
      const picture = before.get(overlay) ?? (await loadImage(await readFile(image.path)));
      loaded.set(overlay, picture);
      context.globalAlpha = opacity / 255;
      context.drawImage(picture, evenDown(image.x) - area.x, evenDown(image.y) - area.y);
    }
    return canvas.encode("png");
  };
}
