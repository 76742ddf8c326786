import { open } from "node:fs/promises";

/** Limit of a header's size; that of a video of several hours is a few megabytes. */
const MAX_HEADER_BYTES = 256 << 20;
const BOX_HEADER_BYTES = 16;

/** All bytes before the media data, which is in a video's last box; undefined if there is no such box. */
export async function readVideoHeader(path: string): Promise<Buffer | undefined> {
  await using file = await open(path);
  const box = Buffer.alloc(BOX_HEADER_BYTES);
  for (let position = 0; position < MAX_HEADER_BYTES; ) {
    const { bytesRead } = await file.read(box, 0, BOX_HEADER_BYTES, position);
    if (bytesRead < 8) return undefined;
    const isLarge = box.readUInt32BE(0) === 1;
    if (box.toString("latin1", 4, 8) === "mdat") {
      const header = Buffer.alloc(position + (isLarge ? BOX_HEADER_BYTES : 8));
      await file.read(header, 0, header.length, 0);
      return header;
    }
    const size = isLarge ? Number(box.readBigUInt64BE(8)) : box.readUInt32BE(0);
    if (size < 8) return undefined;
    position += size;
  }
  return undefined;
}
