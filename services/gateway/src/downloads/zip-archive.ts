import { crc32 } from "node:zlib";
import { dataDescriptor, directoryRecord, endRecords, localHeader, type ZipFile } from "./zip-records.js";

/** A file for an archive. */
export interface ZipEntry extends ZipFile {
  /** Exactly `sizeBytes` of them. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/**
 * A ZIP archive of files as a stream, in memory bounded by the names: some 120 bytes a file. Own code, because the libraries that
 * stream (yazl, client-zip) take ten times the CPU for the checksums, and yazl a minute for 100,000 files; client-zip
 * writes archives of more than 65,535 small files that readers take for damaged (docs/decisions/0043-signed-links.md). Throws if a
 * file has another size than announced.
 */
export async function* zipArchive(entries: AsyncIterable<ZipEntry>): AsyncGenerator<Uint8Array> {
  const directory = new Blocks();
  let files = 0;
  let offset = 0;
  for await (const entry of entries) {
    const { name, modifiedAt, sizeBytes } = entry;
    const header = localHeader(entry);
    yield header;
    let checksum = 0;
    let size = 0;
    for await (const chunk of entry.bytes) {
      checksum = crc32(chunk, checksum);
      size += chunk.length;
      yield chunk;
    }
    if (size !== sizeBytes) throw new Error(`${name} has ${size} bytes, not ${sizeBytes}.`);
    const descriptor = dataDescriptor({ sizeBytes, crc32: checksum });
    yield descriptor;
    directory.add(directoryRecord({ name, modifiedAt, sizeBytes, crc32: checksum, offset }));
    offset += header.length + sizeBytes + descriptor.length;
    files++;
  }
  yield* directory.blocks();
  yield endRecords({ files, offset, sizeBytes: directory.sizeBytes });
}

const NO_TIME = new Date(0);

/** Size of an archive, from its files' names and sizes. */
export class ZipSize {
  #files = 0;
  #filesBytes = 0;
  #directoryBytes = 0;

  add(name: string, sizeBytes: number): void {
    const file = { name, sizeBytes, modifiedAt: NO_TIME, crc32: 0, offset: this.#filesBytes };
    this.#directoryBytes += directoryRecord(file).length;
    this.#filesBytes += localHeader(file).length + sizeBytes + dataDescriptor(file).length;
    this.#files++;
  }

  get totalBytes(): number {
    const directory = { files: this.#files, offset: this.#filesBytes, sizeBytes: this.#directoryBytes };
    return directory.offset + directory.sizeBytes + endRecords(directory).length;
  }
}

const BLOCK_BYTES = 64 << 10;

/** Bytes in a few large buffers: many small ones would take several times the memory. */
class Blocks {
  readonly #full: Buffer[] = [];
  #block = Buffer.alloc(BLOCK_BYTES);
  #used = 0;
  sizeBytes = 0;

  add(bytes: Buffer): void {
    this.sizeBytes += bytes.length;
    for (let from = 0; from < bytes.length; ) {
      const copied = bytes.copy(this.#block, this.#used, from);
      from += copied;
      this.#used += copied;
      if (this.#used < BLOCK_BYTES) return;
      this.#full.push(this.#block);
      this.#block = Buffer.alloc(BLOCK_BYTES);
      this.#used = 0;
    }
  }

  *blocks(): Generator<Buffer> {
    yield* this.#full;
    if (this.#used > 0) yield this.#block.subarray(0, this.#used);
  }
}
