import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { PolyreelError } from "@polyreel/platform";
import { ffmpegBuild } from "../ffmpeg/build.js";
import { runFfmpeg } from "../ffmpeg/run.js";
import type { ClipFormat } from "./format.js";
import { readPackets } from "./read-packets.js";
import { encoderOptions } from "./settings.js";

const DEADLINE_SECONDS = 60;
const never = new AbortController().signal;

/** Canvases are chosen by users, so the cache is bounded. */
const MAX_KEPT = 64;
const kept = new Map<string, Promise<Uint8Array>>();

/**
 * Checks a clip's decoder configuration (an AVCDecoderConfigurationRecord) against its canvas's: with another one it
 * could not be joined. The configuration depends only on this ffmpeg and the clip's frames, so a retry would give the
 * same. Throws PolyreelError `precondition`, which is not retried.
 */
export async function requireCanvasConfiguration(
  format: ClipFormat,
  decoderConfig: Uint8Array,
  tempDir: string,
): Promise<void> {
  if (Buffer.compare(await canvasConfiguration(format, tempDir), decoderConfig) === 0) return;
  throw new PolyreelError("precondition", {
    reason: `This ffmpeg (${await ffmpegBuild()}) encoded the clip with another decoder configuration than its canvas has, so it can't be joined.`,
    remedy: "Convert the source to an ordinary H.264 MP4 or a PNG first, or install another version of ffmpeg.",
  });
}

/** The decoder configuration of everything encoded for a canvas, read from one black frame; encoded once per process. */
function canvasConfiguration(format: ClipFormat, tempDir: string): Promise<Uint8Array> {
  const key = [format.width, format.height, format.rateNumerator, format.rateDenominator].join(" ");
  const known = kept.get(key);
  if (known) return known;
  const [oldest] = kept.keys();
  if (kept.size >= MAX_KEPT && oldest !== undefined) kept.delete(oldest);
  const configuration = encodeBlackFrame(format, tempDir);
  kept.set(key, configuration);
  configuration.catch(() => kept.delete(key)); // Do not cache a failure.
  return configuration;
}

async function encodeBlackFrame(format: ClipFormat, tempDir: string): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tempDir, "canvas-"));
  try {
    const { width, height, rateNumerator, rateDenominator } = format;
    const mp4Path = join(folder, "black.mp4");
    await runFfmpeg({
      inputs: [{ lavfi: `color=black:size=${width}x${height}:rate=${rateNumerator}/${rateDenominator}` }],
      filterComplex: "[0:v]format=yuv420p[clip]",
      outputs: [{ file: mp4Path, options: encoderOptions(format, 1) }],
      signal: never,
      deadlineSeconds: DEADLINE_SECONDS,
      maxOutputBytes: 2 * width * height + (1 << 20),
    });
    return (await readPackets(mp4Path, join(folder, "black.h264"), never)).decoderConfig;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
