import type { Layout } from "./layout.js";
import { type PartReader, readSegment } from "./segment.js";

/** Bytes that are read of a part at once: what one slow reader holds in memory. */
const CHUNK_BYTES = 256 << 10;

/**
 * Bytes `start` (included) to `end` (not included) of an output that lies nowhere, in order and as they are asked for: out
 * of the header and the parts. Equal, byte for byte, to those of the file that `writeLayout` writes. The chunks share
 * memory with the header and the PartReader's cache: don't write into them. Throws the PartReader's `unavailable`.
 */
export async function* readLayout(
  { header, segments }: Layout,
  parts: PartReader,
  start: number,
  end: number,
): AsyncGenerator<Buffer> {
  if (start < Math.min(end, header.length)) yield header.subarray(start, end);
  let position = header.length;
  for (const segment of segments) {
    if (position >= end) return;
    const shift = segment.start - position;
    const last = Math.min(end + shift, segment.end);
    for (let from = Math.max(start + shift, segment.start); from < last; from += CHUNK_BYTES) {
      yield await readSegment(segment, from, Math.min(from + CHUNK_BYTES, last), parts);
    }
    position += segment.end - segment.start;
  }
}
