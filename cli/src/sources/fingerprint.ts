import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";

/** A local file and the hash of its bytes. */
export interface Fingerprint {
  path: string;
  /** 64 hexadecimal digits. */
  sha256: string;
  sizeBytes: number;
  /** Modification time, taken before hashing. */
  mtimeMs: number;
}

/** Hashes a file, or explains why it cannot be a source. */
export async function fingerprint(path: string, signal: AbortSignal): Promise<Fingerprint | { unreadable: string }> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return { unreadable: "This is a folder, not a file." };
    // Reading a pipe or device may never end.
    if (!found.isFile()) return { unreadable: "This is not a regular file." };
    if (found.size === 0) return { unreadable: "The file is empty." };
    return { path, mtimeMs: found.mtimeMs, ...(await hashFile(path, signal)) };
  } catch (error) {
    signal.throwIfAborted();
    return { unreadable: unreadable(error as NodeJS.ErrnoException) };
  }
}

/** SHA-256 and size of a file, in constant memory. */
async function hashFile(path: string, signal: AbortSignal): Promise<{ sha256: string; sizeBytes: number }> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal })) {
    hash.update(chunk as Buffer);
    sizeBytes += (chunk as Buffer).length;
  }
  return { sha256: hash.digest("hex"), sizeBytes };
}

function unreadable(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case "ENOENT":
    case "ENOTDIR":
      return "The file does not exist.";
    case "EACCES":
    case "EPERM":
      return "The file may not be read (permission denied).";
    default:
      return `The file can't be read (${error.code ?? error.message}).`;
  }
}
