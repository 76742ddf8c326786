import type { BigIntStats } from "node:fs";
import type { BlobInfo } from "./store.js";

/**
 * Of a file that is an object. Anything that writes to it moves its times; the device is left out, for it has another number
 * on each machine that mounts it.
 */
export function blobInfo(key: string, { ino, size, mtime, mtimeNs, ctimeNs, nlink }: BigIntStats): BlobInfo {
  const version = nlink > 1n ? undefined : [ino, size, mtimeNs, ctimeNs].join(" ");
  return { key, sizeBytes: Number(size), writtenAt: mtime, version };
}
