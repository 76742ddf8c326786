import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sniffFile } from "../probe/sniff-file.js";
import { decodeHeif } from "./decode-heif.js";

/**
 * A file of a still that ffmpeg reads well, as a PNG in `folder` for HEIC, and for AVIF of more than one picture, where
 * libheif's program is installed; else the file itself.
 */
export async function readableStill(
  path: string,
  { folder, signal }: { folder: string; signal: AbortSignal },
): Promise<string> {
  const sniffed = await sniffFile(path);
  if (sniffed.kind !== "heif" || (sniffed.format === "AVIF" && !sniffed.needsLibheif)) return path;
  const own = await mkdtemp(join(folder, "heif-"));
  return (await decodeHeif(path, sniffed.format, { folder: own, signal })) ?? path;
}

/** Does something with a readable still, and removes what was made for it. */
export async function withReadableStill<T>(
  path: string,
  signal: AbortSignal,
  use: (readable: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-still-"));
  try {
    return await use(await readableStill(path, { folder, signal }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
