import { createHash } from "node:crypto";

/** The least that S3 takes for a part that is not the last. */
export const PART_BYTES = 5 << 20;
/** Every fourth output is uploaded in parts. */
const LARGE_EVERY = 4;
const LARGE_BYTES = 2 * PART_BYTES + 50_000;
const SMALL_BYTES = 40_000;
const CHUNK_BYTES = 1 << 18;

export const fileNameOf = (number: number): string =>
  number % 3 === 0 ? `de/${number}.mp4` : `${number} (spring).mp4`;

/** All bytes of an output; the same in every process. */
export function bytesOf(seed: number, number: number): Buffer {
  const block = createHash("sha512").update(`${seed} ${number}`).digest();
  return Buffer.alloc(number % LARGE_EVERY === 0 ? LARGE_BYTES : SMALL_BYTES, block);
}

/** The source of an output, of known content and size as in the uploader. */
export function sourceOf(seed: number, number: number) {
  const bytes = bytesOf(seed, number);
  return {
    contentType: "video/mp4",
    sizeBytes: bytes.length,
    content: createHash("sha256").update(`${seed} ${number}`).digest("hex"),
    write: () => Promise.reject(new Error("Objects are read.")),
    async *read(signal: AbortSignal, start = 0) {
      for (let at = start; at < bytes.length; at += CHUNK_BYTES) {
        signal.throwIfAborted();
        yield bytes.subarray(at, at + CHUNK_BYTES);
      }
    },
  };
}
