import { createHash } from "node:crypto";
import { open, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type CombinationDelivered, joinOf } from "@polyreel/contract";
import type { IsDelivered } from "./destination.js";
import { isAbsent } from "./receipts.js";

/** Of a header; that of a video of hours has some megabytes. */
const MAX_HEADER_BYTES = 256 << 20;
const BOX_HEADER_BYTES = 16;

/**
 * Knows files that were delivered without receipts, by what the fact states: a video by its size and the SHA-256 of its header,
 * which are certified; a picture beside it by not being written later than it, as pictures are delivered first.
 */
export const unreceipted =
  ({ path: videoPath, certificate }: CombinationDelivered): IsDelivered =>
  async (path) => {
    const joined = joinOf(certificate);
    if (!certificate || !joined) return false;
    const video = join(dirname(path), basename(videoPath));
    try {
      if ((await stat(video)).size !== Number(certificate.sizeBytes)) return false;
      if ((await headerSha256(video)) !== joined.headerSha256) return false;
      return (await stat(path)).mtimeMs <= (await stat(video)).mtimeMs;
    } catch (error) {
      if (isAbsent(error)) return false;
      throw error;
    }
  };

/** Of all that lies before the media, which a video's last box holds; undefined where there is no such box. */
async function headerSha256(path: string): Promise<string | undefined> {
  await using file = await open(path);
  const box = Buffer.alloc(BOX_HEADER_BYTES);
  for (let position = 0; position < MAX_HEADER_BYTES; ) {
    const { bytesRead } = await file.read(box, 0, BOX_HEADER_BYTES, position);
    if (bytesRead < 8) return undefined;
    const isLarge = box.readUInt32BE(0) === 1;
    if (box.toString("latin1", 4, 8) === "mdat") {
      const header = Buffer.alloc(position + (isLarge ? BOX_HEADER_BYTES : 8));
      await file.read(header, 0, header.length, 0);
      return createHash("sha256").update(header).digest("hex");
    }
    const size = isLarge ? Number(box.readBigUInt64BE(8)) : box.readUInt32BE(0);
    if (size < 8) return undefined;
    position += size;
  }
  return undefined;
}
