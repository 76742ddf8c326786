import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { ClipIndex, ClipRecipe } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { runFfmpeg } from "../ffmpeg/run.js";
import type { Probe } from "../probe/parse.js";
import { MAX_PIXELS, probe, stillInputOptions } from "../probe/probe.js";
import { requireStill, requireVideo } from "../probe/require.js";
import { clipIndex } from "./clip-index.js";
import { clipFilters, type OverlayImage, sourceFrames } from "./filters.js";
import { type ClipFormat, framesToSeconds } from "./format.js";
import { readPackets } from "./read-packets.js";
import { seekTo } from "./seek.js";
import { encoderOptions, encoderThreads } from "./settings.js";

export type { OverlayImage } from "./filters.js";

export interface ClipWork {
  sourcePath: string;
  /** Over the picture, the first one lowest; positions on the canvas. Held with it to the end. */
  overlays?: readonly OverlayImage[];
  signal: AbortSignal;
  /** 0 to 1; never falls. */
  onProgress?: (fraction: number) => void;
  /** Where files in the making lie. */
  tempDir: string;
}

export interface EncodedClip {
  /** The packets in decoding order, back to back: a file in `tempDir`, now the caller's. */
  payloadPath: string;
  index: ClipIndex;
}

/**
 * Encodes a clip: `frames` frames of the canvas from the source, then the last one held for `holdFrames`, no more and no
 * less. The same recipe gives the same bytes. Throws PolyreelError `invalid` where the source is not what the recipe takes it
 * for, or ends early; nothing is left in `tempDir` then.
 */
export async function encodeClip(recipe: ClipRecipe, work: ClipWork): Promise<EncodedClip> {
  const format = formatOfRecipe(recipe);
  const source = await probe(work.sourcePath, work);
  const name = join(work.tempDir, `clip-${randomUUID()}`);
  const mp4Path = `${name}.mp4`;
  const payloadPath = `${name}.h264`;
  try {
    await encode(recipe, format, source, mp4Path, work);
    const { packets, decoderConfig } = await readPackets(mp4Path, payloadPath, work.signal);
    requireAllFrames(recipe, format, packets.length);
    const index = clipIndex(format, recipe.frames + recipe.holdFrames, packets, decoderConfig);
    work.onProgress?.(1);
    return { payloadPath, index };
  } catch (error) {
    await rm(payloadPath, { force: true });
    throw error;
  } finally {
    await rm(mp4Path, { force: true });
  }
}

async function encode(
  recipe: ClipRecipe,
  format: ClipFormat,
  source: Probe,
  mp4Path: string,
  { sourcePath, overlays = [], signal, onProgress }: ClipWork,
): Promise<void> {
  const picture = recipe.still ? requireStill(source) : requireVideo(source);
  const frames = recipe.frames + recipe.holdFrames;
  const seek = seekTo(Number(recipe.startMicroseconds) / 1e6, source);
  const seconds = framesToSeconds(frames, format);
  const threads = encoderThreads(frames);
  // reinit_filter 0: where a recording changes its size midway, the scaler follows; a new graph would begin to count again.
  const inputOptions = ["-threads", String(threads), "-max_pixels", String(MAX_PIXELS), "-reinit_filter", "0"];
  if (picture.decoder) inputOptions.push("-c:v", picture.decoder);
  await runFfmpeg({
    inputs: [
      { media: sourcePath, options: [...inputOptions, ...seek.inputOptions, ...(await stillInputOptions(sourcePath))] },
      ...overlays.map(({ path }) => ({ file: path, options: ["-f", "png_pipe"] })),
    ],
    filterComplex: clipFilters({ recipe: { ...recipe, format }, picture, seek, overlays }),
    filterThreads: threads,
    outputs: [{ file: mp4Path, options: encoderOptions(format, frames) }],
    ...bounds(format, frames),
    signal,
    // What comes after the encoding takes its time too.
    onProgress: (outTime) => onProgress?.(Math.min(0.99, outTime / seconds)),
  });
}

/** A machine a hundred times slower than today's would pass; pixels a second, and a start for long sources. */
const SLOWEST_PIXELS_PER_SECOND = 600_000;
const START_SECONDS = 600;
const STALL_SECONDS = 120;

const bounds = ({ width, height }: ClipFormat, frames: number) => ({
  deadlineSeconds: START_SECONDS + (width * height * frames) / SLOWEST_PIXELS_PER_SECOND,
  stallSeconds: STALL_SECONDS,
  // The raw pictures: no encoding is larger.
  maxOutputBytes: Math.ceil(width * height * 1.5 * frames) + (1 << 20),
});

function formatOfRecipe({ format, frames }: ClipRecipe): ClipFormat {
  if (!format?.width || !format.height || !format.rateNumerator || !format.rateDenominator) {
    throw new PolyreelError("internal", "A clip's recipe has no format.");
  }
  if (frames < 1) throw new PolyreelError("internal", "A clip's recipe has no frames.");
  return format;
}

function requireAllFrames(recipe: ClipRecipe, format: ClipFormat, encoded: number): void {
  const given = sourceFrames(encoded, recipe);
  if (given >= recipe.frames) return;
  const start = Number(recipe.startMicroseconds) / 1e6;
  const ends = start + framesToSeconds(given, format);
  const needed = start + framesToSeconds(recipe.frames, format);
  const when = given > 0 ? `after ${ends.toFixed(2)} s` : `before ${ends.toFixed(2)} s`;
  throw new PolyreelError("invalid", {
    reason: `The picture ends ${when} of ${needed.toFixed(2)} s: the file is probably truncated.`,
    remedy: "Fetch or export the file again, or trim the choice to what is there.",
  });
}
