import type { PicturePlan } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import type { Picture } from "../frames/picture.js";
import { bestOf } from "../frames/picture-quality.js";
import type { ClipPart } from "../join/parts.js";
import { CANDIDATE_WIDTH } from "./candidate-times.js";
import { sizeInSheet } from "./checked-size.js";
import { framesByClip } from "./frame-on-screen.js";
import { type MadePicture, pictureFile } from "./picture-file.js";

/** Decodes frames of a clip, numbered from its beginning, in a width (see `extractFrames`). */
export type DecodeFrames = (clip: ClipPart, frames: readonly number[], width: number) => Promise<Picture[]>;

/**
 * A thumbnail or a contact sheet of joined clips; trailing clips that it does not show may be omitted. Throws
 * PolyreelError `invalid` if it would be too large, before anything is decoded.
 */
export async function combinationPicture(
  clips: readonly ClipPart[],
  { frames, columns, frameWidth, format, best }: PicturePlan,
  decode: DecodeFrames,
): Promise<MadePicture> {
  const [first] = clips;
  if (!first) throw new PolyreelError("internal", "A picture has no clips.");
  const { width } = sizeInSheet({ width: frameWidth, columns, count: best ? 1 : frames.length }, first.index);
  const shown = best ? [await bestFrame(clips, frames, decode)] : frames;
  return pictureFile(await decodeAll(clips, shown, width, decode), { columns, format });
}

/** The best of frames that are each followed by the one that it is compared with (see `candidateFrames`). */
async function bestFrame(clips: readonly ClipPart[], frames: readonly number[], decode: DecodeFrames): Promise<number> {
  const pictures = await decodeAll(clips, frames, CANDIDATE_WIDTH, decode);
  const pairs = pictures.flatMap((picture, i) => (i % 2 === 0 ? { picture, next: pictures[i + 1] ?? picture } : []));
  return frames[2 * bestOf(pairs)] ?? 0;
}

async function decodeAll(
  clips: readonly ClipPart[],
  frames: readonly number[],
  width: number,
  decode: DecodeFrames,
): Promise<Picture[]> {
  const lengths = clips.map(({ index }) => index.sizes.length);
  const pictures: Picture[] = [];
  for (const { clip, frames: shown } of framesByClip(frames, lengths)) {
    pictures.push(...(await decode(clips[clip] as ClipPart, shown, width)));
  }
  return pictures;
}
