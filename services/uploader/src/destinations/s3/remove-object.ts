import type { S3Prefix } from "@polyreel/platform/s3";
import type { Removal } from "../destination.js";
import { currentReceipt, findObject } from "./find-object.js";
import { receiptKey } from "./object-names.js";
import type { ObjectReceipt } from "./object-receipt.js";

/** Attempts while other programs keep writing the object. */
const MAX_TRIES = 5;

/** Removes an object and its receipts if its current receipt is the expected one, and it does not change meanwhile. */
export async function removeObject(
  objects: S3Prefix,
  path: string,
  isExpected: (receipt: ObjectReceipt) => boolean,
  signal?: AbortSignal,
): Promise<Removal> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const found = await findObject(objects, path, signal);
    // A removal whose response was lost is repeated, and finds nothing.
    if (!found) return tries > 0 ? "removed" : "gone";
    const receipt = await currentReceipt(objects, found, signal);
    if (!receipt) return "changed";
    if (!isExpected(receipt)) return "others";
    if (!(await objects.remove(path, found.etag, signal))) continue;
    if (receipt.isStored) await objects.erase(receiptKey(path, receipt.ownerKey), signal);
    return "removed";
  }
  return "changed";
}
