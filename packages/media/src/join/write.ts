import { open, rm } from "node:fs/promises";
import type { Layout } from "./layout.js";
import { type PartReader, readSegment } from "./segment.js";

/** Bytes per write, and read at once from a part that is not in memory. */
const BATCH_BYTES = 8 << 20;
/** Buffers per write; systems accept at least 1024. */
const BATCH_BUFFERS = 512;

export interface WriteOptions {
  signal?: AbortSignal;
  /** Wait until the bytes are on the disk. */
  sync?: boolean;
}

/**
 * Writes an output to a new file, in bounded memory. Throws the file system's error (EEXIST if the file exists), the
 * PartReader's `unavailable`, or the signal's reason; the partial file is then removed.
 */
export async function writeLayout(
  layout: Layout,
  parts: PartReader,
  path: string,
  { signal, sync = false }: WriteOptions = {},
): Promise<void> {
  signal?.throwIfAborted();
  const file = await open(path, "wx");
  try {
    await appendLayout(layout, parts, file, signal);
    if (sync) await file.sync();
    await file.close();
  } catch (error) {
    await file.close().catch(() => {});
    await rm(path, { force: true });
    throw error;
  }
}

/** A file that is open for writing. */
export interface AppendedFile {
  /** Appends buffers, or the first bytes of them: a write may take less than it was given. */
  writev(buffers: readonly Uint8Array[]): Promise<{ bytesWritten: number }>;
}

/** Writes an output to the end of an open file, as `writeLayout` does; throws the same, and leaves the file to its owner. */
export async function appendLayout(
  layout: Layout,
  parts: PartReader,
  file: AppendedFile,
  signal?: AbortSignal,
): Promise<void> {
  for await (const batch of batches(layout, parts)) {
    signal?.throwIfAborted();
    await appendAll(file, batch);
  }
}

/** The bytes of an output in order, a few megabytes at a time. */
async function* batches(layout: Layout, parts: PartReader): AsyncGenerator<Buffer[]> {
  let batch: Buffer[] = [layout.header];
  let size = layout.header.length;
  for (const segment of layout.segments) {
    const { start, end } = segment;
    for (let from = start; from < end; from += BATCH_BYTES) {
      const bytes = await readSegment(segment, from, Math.min(from + BATCH_BYTES, end), parts);
      batch.push(bytes);
      size += bytes.length;
      if (size < BATCH_BYTES && batch.length < BATCH_BUFFERS) continue;
      yield batch;
      batch = [];
      size = 0;
    }
  }
  if (batch.length > 0) yield batch;
}

/** Appends all bytes of the buffers, in order. */
export async function appendAll(file: AppendedFile, buffers: readonly Uint8Array[]): Promise<void> {
  let left = buffers;
  while (left.length > 0) {
    let { bytesWritten } = await file.writev(left);
    left = left.flatMap((buffer) => {
      const written = Math.min(bytesWritten, buffer.length);
      bytesWritten -= written;
      return written < buffer.length ? [buffer.subarray(written)] : [];
    });
  }
}
