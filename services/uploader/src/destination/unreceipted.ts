import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type CombinationDelivered, joinOf } from "@polyreel/contract";
import type { IsDelivered } from "./destination.js";
import { isAbsent } from "./disk.js";
import { readVideoHeader } from "./video-header.js";

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
      const { headerSha256 } = joined;
      if (!(await certifiedHeader(video, { headerSha256, sizeBytes: Number(certificate.sizeBytes) }))) return false;
      return (await stat(path)).mtimeMs <= (await stat(video)).mtimeMs;
    } catch (error) {
      if (isAbsent(error)) return false;
      throw error;
    }
  };

/** The header of a video that is the certified one, by its size and its header's SHA-256. */
export async function certifiedHeader(
  path: string,
  { sizeBytes, headerSha256 }: { readonly sizeBytes: number; readonly headerSha256: string },
): Promise<Buffer | undefined> {
  if ((await stat(path)).size !== sizeBytes) return undefined;
  const header = await readVideoHeader(path);
  return header && createHash("sha256").update(header).digest("hex") === headerSha256 ? header : undefined;
}
