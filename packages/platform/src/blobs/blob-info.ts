import type { BigIntStats } from "node:fs";
import type { BlobInfo } from "./store.js";

/**
 * Version of an object's file. Any write to it changes its times; the device is left out, because its number differs on
 * each machine that mounts it.
 */
export function blobInfo(key: string, { ino, size, mtime, mtimeNs, ctimeNs, nlink }: BigIntStats): BlobInfo {
  const version = nlink > 1n ? undefined : [ino, size, mtimeNs, ctimeNs].join(" ");
  return { key, sizeBytes: Number(size), writtenAt: mtime, version };
}
