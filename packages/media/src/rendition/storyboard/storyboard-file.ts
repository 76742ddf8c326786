import { randomUUID } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PictureFormat, type Storyboard } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { arrangeOnSheet } from "../../frames/contact-sheet.js";
import { encodePicture } from "../../frames/encode-picture.js";
import type { MediaFile } from "../../operations/media-file.js";
import { sourcePicturesAtSteps } from "../../operations/source-pictures.js";
import { probe } from "../../probe/probe.js";
import type { MadeRendition, RenditionWork } from "../transcode.js";
import { planStoryboard, type StoryboardPlan } from "./plan-storyboard.js";

interface Encoded {
  readonly name: string;
  /** As ffprobe names it. */
  readonly codec: string;
}

const JPEG: Encoded = { name: "jpg", codec: "mjpeg" };
const ENCODED: { readonly [F in PictureFormat]: Encoded } = {
  [PictureFormat.UNSPECIFIED]: JPEG,
  [PictureFormat.JPEG]: JPEG,
  [PictureFormat.PNG]: { name: "png", codec: "png" },
  [PictureFormat.WEBP]: { name: "webp", codec: "webp" },
};

/**
 * The sheet of a storyboard: each tile is the picture on screen in the middle of its interval. Throws PolyreelError
 * `invalid`, with the setting as field, if the file does not allow it, and `internal` if the result is not as planned; no
 * file is left then.
 */
export async function storyboardFile(
  source: MediaFile,
  storyboard: Storyboard,
  work: RenditionWork,
): Promise<MadeRendition> {
  const plan = planStoryboard(storyboard, source.probe);
  const { tile, columns, sheet, count, stepSeconds, durationSeconds, warnings } = plan;
  const tiles = await sourcePicturesAtSteps(source, { count, stepSeconds }, tile, work);
  const { name, codec } = ENCODED[storyboard.format];
  const picture = arrangeOnSheet(tiles, { columns, gap: 0 });
  const payloadPath = join(work.tempDir, `${randomUUID()}.${name}`);
  try {
    await writeFile(payloadPath, await encodePicture(picture, storyboard.format), { signal: work.signal });
    await certify(payloadPath, plan, codec, work.signal);
  } catch (error) {
    await rm(payloadPath, { force: true });
    throw error;
  }
  return {
    payloadPath,
    index: {
      ...{ format: name, durationSeconds, frames: count, warnings: [...warnings] },
      video: { codec, ...sheet },
      encodedMegapixels: (sheet.width * sheet.height) / 1e6,
    },
  };
}

/** Reads the finished file back. */
async function certify(path: string, { sheet }: StoryboardPlan, codec: string, signal: AbortSignal): Promise<void> {
  const { video } = await probe(path, { signal });
  if (video?.codec === codec && video.width === sheet.width && video.height === sheet.height) return;
  const found = video ? `${video.codec} of ${video.width}x${video.height}` : "no picture";
  throw new PolyreelError("internal", {
    reason: `The storyboard that was made is ${found} instead of ${codec} of ${sheet.width}x${sheet.height}.`,
    remedy: "It was not delivered. Try other settings, and report it.",
  });
}
