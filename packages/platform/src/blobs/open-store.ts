import type { CacheOptions } from "./cached-files.js";
import { findFolderStore, openFolderStore } from "./folder-store.js";
import { isS3Address } from "./s3/s3-address.js";
import type { S3KeySource } from "./s3/s3-keys.js";
import type { Io, Store } from "./store.js";

/** Where the store lies, and how it is used. */
export interface StoreConfig {
  /** A folder, or `s3://bucket/prefix?endpoint=...`. */
  readonly address: string;
  /** For a store that is no folder. */
  readonly cache: CacheOptions;
  readonly s3Keys: S3KeySource;
}

/**
 * Opens the store, and makes it where there is none; a bucket only if that is asked for. Throws PolyreelError with what is
 * wrong, in the words of users.
 */
export async function openStore({ address, cache, s3Keys: keys }: StoreConfig, io: Io = {}): Promise<Store> {
  if (!isS3Address(address)) return openFolderStore(address);
  const { openS3Store } = await import("./s3/s3-store.js"); // its libraries are loaded where they are used
  return openS3Store({ address, keys, cache }, io);
}

/** The same, as it is: nothing is made or removed. Undefined where there is no store. */
export async function findStore(
  { address, cache, s3Keys: keys }: StoreConfig,
  io: Io = {},
): Promise<Store | undefined> {
  if (!isS3Address(address)) return findFolderStore(address);
  const { findS3Store } = await import("./s3/s3-store.js");
  return findS3Store({ address, keys, cache }, io);
}
