import type { PicturePlan } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import type { Picture } from "../frames/picture.js";
import type { ClipPart } from "../join/parts.js";
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
  { frames, columns, frameWidth, format }: PicturePlan,
  decode: DecodeFrames,
): Promise<MadePicture> {
  const [first] = clips;
  if (!first) throw new PolyreelError("internal", "A picture has no clips.");
  const { width } = sizeInSheet({ width: frameWidth, columns, count: frames.length }, first.index);
  const lengths = clips.map(({ index }) => index.sizes.length);
  const pictures: Picture[] = [];
  for (const { clip, frames: shown } of framesByClip(frames, lengths)) {
    pictures.push(...(await decode(clips[clip] as ClipPart, shown, width)));
  }
  return pictureFile(pictures, { columns, format });
}
