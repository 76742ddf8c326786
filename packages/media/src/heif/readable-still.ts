import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeOwnFolder, removeLeftFolders } from "@polyreel/platform/files";
import { sniffFile } from "../probe/sniff-file.js";
import { decodeHeif, type HeifFormat } from "./decode-heif.js";

/** Prefix of temporary folders for stills. */
const SCRATCH = "polyreel-still-";

/**
 * A file of a still that ffmpeg can read: a PNG in `folder` for HEIC, and for AVIF with more than one picture, if
 * libheif's program is installed; otherwise the file itself.
 */
export async function readableStill(
  path: string,
  { folder, signal }: { folder: string; signal: AbortSignal },
): Promise<string> {
  const format = await formatForLibheif(path);
  if (!format) return path;
  const own = await mkdtemp(join(folder, "heif-"));
  return (await decodeHeif(path, format, { folder: own, signal })) ?? path;
}

/** Passes a readable still to a function, and removes temporary files afterwards. */
export async function withReadableStill<T>(
  path: string,
  signal: AbortSignal,
  use: (readable: string) => Promise<T>,
): Promise<T> {
  const format = await formatForLibheif(path);
  if (!format) return use(path);
  await removeLeftFolders(tmpdir(), SCRATCH);
  const own = await makeOwnFolder(tmpdir(), SCRATCH);
  try {
    return await use((await decodeHeif(path, format, { folder: own.path, signal })) ?? path);
  } finally {
    await own.close();
  }
}

async function formatForLibheif(path: string): Promise<HeifFormat | undefined> {
  const sniffed = await sniffFile(path);
  if (sniffed.kind !== "heif" || (sniffed.format === "AVIF" && !sniffed.needsLibheif)) return undefined;
  return sniffed.format;
}
