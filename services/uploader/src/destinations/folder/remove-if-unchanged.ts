import { lstat, rename, rm } from "node:fs/promises";
import { isAbsent } from "@polyreel/platform/files";
import { isSameStamp, type Receipt, stampOf } from "../receipt.js";
import { createOnly } from "./create-only.js";
import type { Receipts } from "./receipts.js";

/**
 * Removes a file if it matches a receipt; returns whether it did. It is moved out of the folder and checked there, so
 * that a file that replaces it at this moment is not lost: that one is moved back.
 */
export async function removeIfUnchanged(path: string, receipt: Receipt, receipts: Receipts): Promise<boolean> {
  const aside = await receipts.aside(receipt);
  try {
    await rename(path, aside);
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
  if (isSameStamp(stampOf(await lstat(aside, { bigint: true })), receipt)) {
    await rm(aside, { force: true });
    return true;
  }
  await createOnly(aside, path);
  return false;
}
