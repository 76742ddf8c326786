import { lstat, rm } from "node:fs/promises";
import { join } from "node:path";
import { undefinedIfAbsent } from "@polyreel/platform/files";
import type { IsDelivered, Removal } from "../destination.js";
import { FORMER_BATCH } from "./former-files.js";
import type { Receipts } from "./receipts.js";
import { removeIfUnchanged } from "./remove-if-unchanged.js";

interface NamedFile {
  /** The folder's real path. */
  readonly folder: string;
  readonly fileName: string;
}

/**
 * Removes a batch's file if it matches its receipt. A file without any receipt, from an earlier release, is removed if
 * `isDelivered` recognises it.
 */
export async function removeFile(
  { folder, fileName, batchId }: NamedFile & { readonly batchId: string },
  receipts: Receipts,
  isDelivered: IsDelivered = async () => false,
): Promise<Removal> {
  const path = join(folder, fileName);
  const known = await receipts.of(fileName);
  const receipt = known.find((one) => one.batchId === batchId);
  const found = await lstat(path).catch(undefinedIfAbsent);
  if (found?.isDirectory()) throw Object.assign(new Error("A folder has the name."), { code: "EISDIR" });
  if (!found) {
    if (receipt) await receipts.remove(receipt, fileName);
    return "gone";
  }
  if (receipt) {
    const removed = await removeIfUnchanged(path, receipt, receipts);
    await receipts.remove(receipt, fileName); // A changed file is foreign from now on.
    return removed ? "removed" : "changed";
  }
  if (known.some((one) => one.batchId !== FORMER_BATCH)) return "others";
  if (!(await isDelivered(path))) return "changed";
  await rm(path, { force: true });
  for (const former of known) await receipts.remove(former, fileName);
  return "removed";
}

/** Removes a file that matches any of its receipts. */
export async function removeReceipted({ folder, fileName }: NamedFile, receipts: Receipts): Promise<void> {
  for (const receipt of await receipts.of(fileName)) {
    if (await removeIfUnchanged(join(folder, fileName), receipt, receipts)) await receipts.remove(receipt, fileName);
  }
}
