import { isS3Address, type StoreConfig } from "@polyreel/platform/blobs";
import { readStoreConfig } from "@polyreel/platform/runtime";
import { wholeEnvironment } from "../config.js";
import { openFolder } from "../folder.js";

/** Address of the store that a flag names: unchanged for S3; an absolute path for a folder, which is created if needed. */
export async function openStoreAddress(given: string, flag = "--store"): Promise<string> {
  if (isS3Address(given)) return given;
  return (await openFolder(given, flag)).path;
}

/** Configuration of a store: its cache and keys come from the environment. */
export const storeConfig = (address: string): StoreConfig =>
  readStoreConfig({ ...wholeEnvironment(), POLYREEL_STORE: address });
