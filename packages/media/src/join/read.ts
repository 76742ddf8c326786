import type { Layout } from "./layout.js";
import { type PartReader, readSegment } from "./segment.js";

/** Bytes read of a part at once, which is the memory held per slow client. */
const CHUNK_BYTES = 256 << 10;

/**
 * Streams bytes `start` (inclusive) to `end` (exclusive) of a virtual output, on demand, from the header and the parts.
 * Identical to the file that `writeLayout` would write. The chunks share memory with the header and the PartReader's
 * cache and must not be modified. Throws the PartReader's `unavailable`.
 */
export async function* readLayout(
  { header, segments }: Layout,
  parts: PartReader,
  start: number,
  end: number,
): AsyncGenerator<Buffer> {
  if (start < Math.min(end, header.length)) yield header.subarray(start, end);
  let position = header.length;
  const small = new SmallChunks();
  for (const segment of segments) {
    if (position >= end) break;
    const shift = segment.start - position;
    const last = Math.min(end + shift, segment.end);
    for (let from = Math.max(start + shift, segment.start); from < last; from += CHUNK_BYTES) {
      yield* small.add(await readSegment(segment, from, Math.min(from + CHUNK_BYTES, last), parts));
    }
    position += segment.end - segment.start;
  }
  yield* small.rest();
}

/** Combines the chunks of containers that have a header before each packet. */
class SmallChunks {
  #chunks: Buffer[] = [];
  #sizeBytes = 0;

  *add(chunk: Buffer): Generator<Buffer> {
    if (this.#sizeBytes + chunk.length >= CHUNK_BYTES) yield* this.rest();
    if (chunk.length >= CHUNK_BYTES) {
      yield chunk;
      return;
    }
    this.#chunks.push(chunk);
    this.#sizeBytes += chunk.length;
  }

  *rest(): Generator<Buffer> {
    const [only] = this.#chunks;
    if (only) yield this.#chunks.length === 1 ? only : Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#sizeBytes = 0;
  }
}
