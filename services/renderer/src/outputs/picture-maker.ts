import { PictureFormat, type PicturePlan } from "@polyreel/contract";
import { laidOut } from "@polyreel/media/frames/contact-sheet.js";
import { encodePicture } from "@polyreel/media/frames/encode-picture.js";
import { extractFrames } from "@polyreel/media/frames/extract-frames.js";
import { BYTES_PER_PIXEL, type Picture } from "@polyreel/media/frames/picture.js";
import type { ClipPart } from "@polyreel/media/join/parts.js";
import type { PartStore } from "@polyreel/media/parts/part-store.js";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { LRUCache } from "lru-cache";

const CACHE_BYTES = 128 << 20;

const FORMATS = {
  [PictureFormat.UNSPECIFIED]: "jpeg",
  [PictureFormat.JPEG]: "jpeg",
  [PictureFormat.PNG]: "png",
  [PictureFormat.WEBP]: "webp",
} as const;

/** Frames of one clip that a picture shows. */
interface ClipFrames {
  readonly clip: ClipPart;
  /** Positions in the clip. */
  readonly frames: number[];
}

/**
 * Makes pictures of videos. Frames are taken from the clips, which many videos share: what was decoded for one is
 * kept for the next ones.
 */
export class PictureMaker {
  readonly #decoded = new LRUCache<string, Picture[]>({
    maxSize: CACHE_BYTES,
    sizeCalculation: (pictures) => pictures.reduce((sum, { data }) => sum + data.length, BYTES_PER_PIXEL),
  });

  /** A picture as a file: one frame, or several as a sheet. */
  async make(
    wanted: PicturePlan,
    clips: readonly ClipPart[],
    parts: PartStore,
    signal: AbortSignal,
  ): Promise<{ bytes: Buffer; width: number; height: number }> {
    const pictures: Picture[] = [];
    for (const { clip, frames } of framesByClip(wanted.frames, clips)) {
      pictures.push(...(await this.#frames(clip, frames, wanted.frameWidth, parts, signal)));
    }
    const [only] = pictures;
    const picture = pictures.length === 1 && only ? only : laidOut(pictures, { columns: wanted.columns });
    const bytes = await encodePicture(picture, FORMATS[wanted.format]);
    return { bytes, width: picture.width, height: picture.height };
  }

  async #frames(
    { hash, index }: ClipPart,
    frames: readonly number[],
    width: number,
    parts: PartStore,
    signal: AbortSignal,
  ): Promise<Picture[]> {
    const key = `${hash} ${frames.join()} ${width}`;
    const known = this.#decoded.get(key);
    if (known) return known;
    const pictures = await extractFrames({ index, path: await parts.path("clip", hash) }, frames, { width, signal });
    this.#decoded.set(key, pictures);
    return pictures;
  }
}

/** Which frames of which clips a video's frames are; those of one clip that follow each other stay together. Pure. */
export function framesByClip(frames: readonly number[], clips: readonly ClipPart[]): ClipFrames[] {
  const found: ClipFrames[] = [];
  for (const frame of frames) {
    let start = 0;
    const clip = clips.find(({ index }) => {
      const inside = frame < start + index.sizes.length;
      if (!inside) start += index.sizes.length;
      return inside;
    });
    if (!clip) throw new PolyreelError("internal", `The video has no frame ${frame}.`);
    const last = found.at(-1);
    if (last?.clip === clip) last.frames.push(frame - start);
    else found.push({ clip, frames: [frame - start] });
  }
  return found;
}
