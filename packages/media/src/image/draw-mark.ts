import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Watermark } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { MAX_PIXELS } from "../ffmpeg/arguments.js";
import { markSettings } from "./image-settings.js";
import type { ImageWorkers } from "./image-workers.js";
import { markFile } from "./mark-file.js";
import type { Size } from "./target-size.js";

interface MarkWork {
  readonly workers: ImageWorkers;
  /** Of a watermark that is an image. */
  readonly markPath?: string | undefined;
  readonly tempDir: string;
  readonly signal: AbortSignal;
}

/**
 * Draws a normalised watermark for a picture of this size: returns the path of a transparent PNG of that size in
 * `tempDir`, now owned by the caller. Throws PolyreelError `invalid`, its field below "watermark", for a mark that cannot
 * be read.
 */
export async function drawMark(
  watermark: Watermark,
  size: Size,
  { workers, markPath, tempDir, signal }: MarkWork,
): Promise<string> {
  const output = join(tempDir, `drawn-mark-${randomUUID()}.png`);
  const file = await markFile(watermark, markPath, tempDir, signal).catch(blamingMark);
  await workers.make({ output, size, mark: markSettings(watermark), markPath: file, maxPixels: MAX_PIXELS }, signal);
  return output;
}

/** For `catch`: the watermark is at fault, not the video. */
function blamingMark(error: unknown): never {
  if (!(error instanceof PolyreelError) || error.code !== "invalid") throw error;
  const { field, reason, remedy, code } = error.failure;
  throw new PolyreelError("invalid", { field: field || "watermark.image", reason, remedy, code }, { cause: error });
}
