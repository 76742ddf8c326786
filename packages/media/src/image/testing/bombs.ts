import { crc32, deflateSync } from "node:zlib";

// Files that claim or decompress to far more than their size.

/** A JPEG whose frame header (SOF0) states the size; the scan ends at once. */
export function bigJpeg(width: number, height: number): Buffer {
  const bytes = Buffer.from("ffd8ffc0000b08000000000101110000ffda0008010100003f0000ffd9", "hex");
  bytes.writeUInt16BE(height, 7);
  bytes.writeUInt16BE(width, 9);
  return bytes;
}

/** A GIF of one frame, whose canvas and frame have the size. */
export function bigGif(width: number, height: number): Buffer {
  const bytes = Buffer.from("GIF89a\0\0\0\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\0\0\0\0\0\x02\x02L\x01\0;", "latin1");
  for (const at of [6, 24]) bytes.writeUInt16LE(width, at);
  for (const at of [8, 26]) bytes.writeUInt16LE(height, at);
  return bytes;
}

/** An extended WebP (VP8X) whose canvas has the size. */
export function bigWebp(width: number, height: number): Buffer {
  const bytes = Buffer.from("RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0", "latin1");
  bytes.writeUIntLE(width - 1, 24, 3);
  bytes.writeUIntLE(height - 1, 27, 3);
  return bytes;
}

export const bigTiff = (width: number, height: number): Buffer => tiff({ width, height, pages: 1, loops: false });

/** A TIFF of pages of one pixel; `loops`: the last directory is followed by the first. */
export const tiffOf = (pages: number, { loops = false } = {}): Buffer => tiff({ width: 1, height: 1, pages, loops });

/** Little-endian directories, all of one strip of one byte (TIFF 6.0, section 2). */
function tiff({
  width,
  height,
  pages,
  loops,
}: {
  width: number;
  height: number;
  pages: number;
  loops: boolean;
}): Buffer {
  const entries = Object.entries({
    256: width,
    257: height,
    258: 8,
    259: 1,
    262: 1,
    273: 8,
    277: 1,
    278: height,
    279: 1,
  });
  const first = 10;
  const bytesEach = 2 + 12 * entries.length + 4;
  const bytes = Buffer.alloc(first + pages * bytesEach);
  bytes.write("II*\0", "latin1");
  bytes.writeUInt32LE(first, 4);
  for (let page = 0; page < pages; page++) {
    const start = first + page * bytesEach;
    bytes.writeUInt16LE(entries.length, start);
    for (const [i, [tag, value]] of entries.entries()) {
      const at = start + 2 + 12 * i;
      bytes.writeUInt16LE(Number(tag), at);
      bytes.writeUInt16LE(4, at + 2); // A LONG.
      bytes.writeUInt32LE(1, at + 4);
      bytes.writeUInt32LE(value, at + 8);
    }
    const next = page < pages - 1 ? start + bytesEach : loops ? first : 0;
    bytes.writeUInt32LE(next, start + bytesEach - 4);
  }
  return bytes;
}

/** A PNG with another chunk after its header: `head`, followed by zeros that are compressed. */
export function withChunk(png: Buffer, kind: string, head: string, unpackedBytes: number): Buffer {
  const afterHeader = 33;
  const body = Buffer.concat([Buffer.from(kind + head, "latin1"), deflateSync(Buffer.alloc(unpackedBytes))]);
  const around = Buffer.alloc(8);
  around.writeUInt32BE(body.length - 4, 0);
  around.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([
    png.subarray(0, afterHeader),
    around.subarray(0, 4),
    body,
    around.subarray(4),
    png.subarray(afterHeader),
  ]);
}
