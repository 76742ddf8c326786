import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { sourceError } from "@polyreel/platform";
import type { Size } from "../clip/geometry.js";
import { mediaFault } from "../ffmpeg/media-fault.js";
import type { Picture } from "../frames/picture.js";
import { bestOf } from "../frames/picture-quality.js";
import { readableStill } from "../heif/readable-still.js";
import type { Probe, VideoProbe } from "../probe/parse.js";
import { CANDIDATE_WIDTH, candidateTimes, NEXT_SECONDS, type Stretch } from "./candidate-times.js";
import { sizeInWidth } from "./checked-size.js";
import type { MediaFile, OperationWork } from "./media-file.js";
import { PictureReader, UNUSABLE } from "./picture-reader.js";

/** The video stream of a source. Throws PolyreelError `invalid` if it has none. */
export function requirePicture({ video }: Probe): VideoProbe {
  if (video) return video;
  throw sourceError({
    reason: "The file has sound but no picture.",
    remedy: "Use a video or a still, or leave its pictures out.",
  });
}

/**
 * The picture of a source on screen at a time, counted from its first picture, as a clip would show it: rotated, with
 * square pixels, HDR and wide gamut converted. The last one after the end; of a still always the same. Throws
 * PolyreelError `invalid` if the source has no picture, or it cannot be decoded.
 */
export const sourcePictureAt = async (
  { path, probe }: MediaFile,
  atSeconds: number,
  size: Size,
  work: OperationWork,
): Promise<Picture> => withReader({ path, probe }, size, work, (reader) => reader.at(atSeconds));

/** Pictures of a source at equal distances, each from the middle of its interval. Throws like `sourcePictureAt`. */
export const sourcePicturesAtIntervals = (
  source: MediaFile,
  count: number,
  size: Size,
  work: OperationWork,
): Promise<Picture[]> => {
  const stepSeconds = requirePicture(source.probe).durationSeconds / count;
  return sourcePicturesAtSteps(source, { count, stepSeconds }, size, work);
};

/** The same with intervals of a given length; the last one may end with the source. */
export const sourcePicturesAtSteps = async (
  source: MediaFile,
  steps: { readonly count: number; readonly stepSeconds: number },
  size: Size,
  work: OperationWork,
): Promise<Picture[]> => withReader(source, size, work, (reader) => reader.apart(steps));

/**
 * The best picture of a stretch of a source, among some at equal distances (see `pictureQuality`). Throws like
 * `sourcePictureAt`.
 */
export async function bestSourcePicture(
  source: MediaFile,
  stretch: Stretch,
  size: Size,
  work: OperationWork,
): Promise<Picture> {
  const times = candidateTimes(stretch);
  const small = sizeInWidth(CANDIDATE_WIDTH, requirePicture(source.probe));
  const candidates = await withReader(source, small, work, (reader) => reader.candidates(times));
  const best = times.steps[Math.max(0, bestOf(candidates))] ?? 0;
  return sourcePictureAt(source, times.startSeconds + best * NEXT_SECONDS, size, work);
}

async function withReader<T>(
  { path, probe }: MediaFile,
  size: Size,
  { signal, tempDir }: OperationWork,
  read: (reader: PictureReader) => Promise<T>,
): Promise<T> {
  const picture = requirePicture(probe);
  const folder = await mkdtemp(join(tempDir, "pictures-"));
  try {
    const readable = picture.still ? await readableStill(path, { folder, signal }) : path;
    return await read(new PictureReader(readable, probe, picture, size, signal));
  } catch (error) {
    throw mediaFault(error, UNUSABLE);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
