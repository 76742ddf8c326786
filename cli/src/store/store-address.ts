import { isS3Address, type StoreConfig } from "@polyreel/platform/blobs";
import { readStoreConfig } from "@polyreel/platform/runtime";
import { wholeEnvironment } from "../config.js";
import { openFolder } from "../folder.js";

/** The store that a flag names: on S3 as it is; a folder absolute, and created unless it exists. */
export async function openStoreAddress(given: string, flag = "--store"): Promise<string> {
  if (isS3Address(given)) return given;
  return (await openFolder(given, flag)).path;
}

/** How a store is used: its cache and keys come from the environment. */
export const storeConfig = (address: string): StoreConfig =>
  readStoreConfig({ ...wholeEnvironment(), POLYREEL_STORE: address });
