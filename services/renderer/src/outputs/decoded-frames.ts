import { BYTES_PER_PIXEL, extractFrames, type Picture } from "@polyreel/media/frames";
import type { DecodeFrames } from "@polyreel/media/operations";
import type { PartStore } from "@polyreel/parts";
import { LRUCache } from "lru-cache";

const CACHE_BYTES = 128 << 20;

/** Decodes frames of clips, and caches them: many combinations share a clip. */
export class DecodedFrames {
  readonly #decoded = new LRUCache<string, Picture[]>({
    maxSize: CACHE_BYTES,
    sizeCalculation: (pictures) => pictures.reduce((sum, { data }) => sum + data.length, BYTES_PER_PIXEL),
  });

  of =
    (parts: PartStore, signal: AbortSignal): DecodeFrames =>
    async ({ hash, index }, frames, width) => {
      const key = `${hash} ${frames.join()} ${width}`;
      const cached = this.#decoded.get(key);
      if (cached) return cached;
      await using file = await parts.open("clip", hash);
      const pictures = await extractFrames({ index, path: file.path }, frames, { width, signal });
      this.#decoded.set(key, pictures);
      return pictures;
    };
}
