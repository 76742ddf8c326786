import { lstat, rename, rm } from "node:fs/promises";
import { createOnly } from "./create-only.js";
import { isAbsent } from "./disk.js";
import { isSameStamp, type Receipt, stampOf } from "./receipt.js";
import type { Receipts } from "./receipts.js";

/**
 * Removes a file if it is the one of a receipt: gives whether it was. It is moved out of the folder first and looked at then,
 * so that what somebody puts in its place in between is never lost: that is put back.
 */
export async function takeAway(path: string, receipt: Receipt, receipts: Receipts): Promise<boolean> {
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
