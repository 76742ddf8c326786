import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type CombinationDelivered, joinOf } from "@polyreel/contract";
import { isAbsent } from "@polyreel/platform/files";
import type { IsDelivered } from "../destination.js";
import { readVideoHeader } from "./video-header.js";

/**
 * Recognises files that were delivered without receipts by their fact: a video by its certified size and header's
 * SHA-256; a picture beside it by not being newer than it, because pictures are delivered first.
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

/** The header of a video; undefined if its size or its header's SHA-256 is not the certified one. */
export async function certifiedHeader(
  path: string,
  { sizeBytes, headerSha256 }: { readonly sizeBytes: number; readonly headerSha256: string },
): Promise<Buffer | undefined> {
  if ((await stat(path)).size !== sizeBytes) return undefined;
  const header = await readVideoHeader(path);
  return header && createHash("sha256").update(header).digest("hex") === headerSha256 ? header : undefined;
}
