import type { CacheOptions } from "./cached-files.js";
import { findFolderStore, openFolderStore } from "./folder-store.js";
import { isS3Address } from "./s3/s3-address.js";
import type { S3KeySource } from "./s3/s3-keys.js";
import type { Io, Store } from "./store.js";

/** The store's address, and how to access it. */
export interface StoreConfig {
  /** A folder, or `s3://bucket/prefix?endpoint=...`. */
  readonly address: string;
  /** Used by stores that are not folders. */
  readonly cache: CacheOptions;
  readonly s3Keys: S3KeySource;
}

/**
 * Opens the store, creating it if needed; a bucket only if its address has `create=true`. Throws PolyreelError with cause
 * and remedy.
 */
export async function openStore({ address, cache, s3Keys: keys }: StoreConfig, io: Io = {}): Promise<Store> {
  if (!isS3Address(address)) return openFolderStore(address);
  const { openS3Store } = await import("./s3/s3-store.js"); // Its libraries are loaded only if used.
  return openS3Store({ address, keys, cache }, io);
}

/** Opens an existing store without creating or removing anything. Undefined if there is none. */
export async function findStore(
  { address, cache, s3Keys: keys }: StoreConfig,
  io: Io = {},
): Promise<Store | undefined> {
  if (!isS3Address(address)) return findFolderStore(address);
  const { findS3Store } = await import("./s3/s3-store.js");
  return findS3Store({ address, keys, cache }, io);
}
