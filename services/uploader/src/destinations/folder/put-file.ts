import type { BigIntStats } from "node:fs";
import { rm } from "node:fs/promises";
import { PolyreelError } from "@polyreel/platform";
import { isAbsent, systemCode } from "@polyreel/platform/files";
import { isSameStamp, type Owner, type Receipt, stampOf } from "../receipt.js";
import { createOnly } from "./create-only.js";
import type { Disk } from "./disk.js";
import type { Receipts } from "./receipts.js";
import { removeIfUnchanged } from "./remove-if-unchanged.js";
import { haveSameBytes } from "./same-bytes.js";

/** A file to be delivered into an existing folder. */
export interface WantedFile {
  /** The folder's real path. */
  readonly folder: string;
  readonly disk: Disk;
  readonly fileName: string;
  readonly batchId: string;
  /** Of the combination, from 1; 0 for lists of files. */
  readonly attempt: number;
  readonly owner: Owner;
  /** Whether foreign files may be overwritten. */
  readonly overwrite: boolean;
}

/** A finished file under a hidden name. */
export interface WrittenFile {
  readonly path: string;
  /** The content hash of its receipt. */
  readonly content: string;
  readonly stats: BigIntStats;
}

/** The current entry with the file's name. */
type Found =
  | { readonly kind: "nothing" }
  /** The owner's, unchanged since delivery. */
  | { readonly kind: "own"; readonly receipt: Receipt; readonly stats: BigIntStats }
  /** The owner's, but changed since, or just delivered by another process. */
  | { readonly kind: "changed"; readonly receipt: Receipt; readonly stats: BigIntStats }
  | { readonly kind: "foreign"; readonly receipts: readonly Receipt[]; readonly stats: BigIntStats };

/** Attempts while another program keeps creating and removing a file of this name. */
const MAX_TRIES = 20;

/** Whether the owner's file exists unchanged with this content. Writes only its receipt. */
export async function isDelivered(wanted: WantedFile, content: string, receipts: Receipts): Promise<boolean> {
  const found = await find(wanted, receipts);
  if (found.kind === "foreign" && found.receipts.length > 0 && !wanted.overwrite) throw foreign(wanted, found);
  if (found.kind !== "own" || found.receipt.content !== content) return false;
  await receipts.write(wanted.fileName, takenOver(found.receipt, wanted));
  return true;
}

/**
 * Moves a finished file to its name. The receipt is written first: a process that dies in between leaves a receipt
 * without a file, never a file without a receipt. Replaces the owner's file unless it has the same bytes; overwrites
 * nothing else, including files that appear meanwhile. Throws PolyreelError `conflict` for a foreign file.
 */
export async function putFile(
  { path: hidden, content, stats }: WrittenFile,
  wanted: WantedFile,
  receipts: Receipts,
  signal: AbortSignal,
): Promise<void> {
  const { folder, disk, fileName, batchId, attempt, owner } = wanted;
  const path = `${folder}/${fileName}`;
  const receipt: Receipt = { ...owner, batchId, attempt, content, ...stampOf(stats) };
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const found = await find(wanted, receipts);
    const identical = await receiptIfIdentical(found, { hidden, path, content, receipt, signal });
    if (identical) {
      await receipts.write(fileName, identical);
      await rm(hidden, { force: true });
      return;
    }
    if (found.kind === "own" && !(await removeIfUnchanged(path, found.receipt, receipts))) continue;
    if (found.kind === "foreign" || found.kind === "changed") {
      if (!mayReplace(found, wanted)) {
        // A receipt of this attempt has no file.
        if (found.kind === "changed" && isOfAttempt(found.receipt, wanted)) await receipts.remove(owner, fileName);
        throw foreign(wanted, found);
      }
      await receipts.write(fileName, receipt);
      await disk.rename(hidden, path);
      for (const other of found.kind === "foreign" ? found.receipts : []) await receipts.remove(other, fileName);
      return;
    }
    await receipts.write(fileName, receipt);
    try {
      await createOnly(hidden, path, disk);
      return;
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw error;
    }
  }
  throw new PolyreelError("unavailable", {
    reason: `Another program keeps writing ${fileName}.`,
    remedy: "Configure that program to write to another folder.",
  });
}

/** The receipt for an existing file that has the wanted bytes already; undefined if it has others, or is foreign. */
async function receiptIfIdentical(
  found: Found,
  {
    hidden,
    path,
    content,
    receipt,
    signal,
  }: {
    readonly hidden: string;
    readonly path: string;
    readonly content: string;
    readonly receipt: Receipt;
    readonly signal: AbortSignal;
  },
): Promise<Receipt | undefined> {
  if (found.kind === "own" && found.receipt.content === content) return takenOver(found.receipt, receipt);
  // Its receipt may be lost with a dead process, or be from another uploader or another release.
  const isCandidate = found.kind === "own" || found.kind === "changed" || isUnreceipted(found);
  if (!isCandidate || !(await isSame(hidden, path, found.stats, signal))) return undefined;
  return { ...receipt, ...stampOf(found.stats) };
}

const isUnreceipted = (found: Found): found is Found & { kind: "foreign" } =>
  found.kind === "foreign" && found.receipts.length === 0;

const takenOver = (receipt: Receipt, { batchId, attempt }: Pick<Receipt, "batchId" | "attempt">): Receipt => ({
  ...receipt,
  batchId,
  attempt,
});

const isOfAttempt = (receipt: Receipt, { batchId, attempt }: WantedFile): boolean =>
  receipt.batchId === batchId && receipt.attempt === attempt;

/** A new attempt of a batch was requested explicitly, so it may replace its earlier file even if that was changed. */
const mayReplace = (found: Found, { overwrite, batchId, attempt }: WantedFile): boolean =>
  overwrite || (found.kind === "changed" && found.receipt.batchId === batchId && found.receipt.attempt < attempt);

/** The batch of a foreign file with the name; undefined if the name may be written. Read-only. */
export async function findForeign(
  wanted: WantedFile,
  receipts: Receipts,
): Promise<{ readonly batch: string } | undefined> {
  const found = await inspect(wanted, receipts);
  if (found === "folder" || found.kind === "nothing" || found.kind === "own") return undefined;
  if (found.kind === "changed") return found.receipt.batchId === wanted.batchId ? undefined : { batch: "" };
  return { batch: found.receipts[0]?.name ?? "" };
}

async function find(wanted: WantedFile, receipts: Receipts): Promise<Found> {
  const found = await inspect(wanted, receipts);
  if (found === "folder") throw Object.assign(new Error("A folder has the name."), { code: "EISDIR" });
  return found;
}

async function inspect({ folder, disk, fileName, owner }: WantedFile, receipts: Receipts): Promise<Found | "folder"> {
  const stats = await disk.lstat(`${folder}/${fileName}`);
  if (!stats) return { kind: "nothing" };
  if (stats.isDirectory()) return "folder";
  const receipt = await receipts.read(owner, fileName);
  if (receipt && stats.isFile()) {
    return isSameStamp(stampOf(stats), receipt) ? { kind: "own", receipt, stats } : { kind: "changed", receipt, stats };
  }
  return { kind: "foreign", receipts: await receipts.of(fileName), stats };
}

async function isSame(hidden: string, path: string, stats: BigIntStats, signal: AbortSignal): Promise<boolean> {
  if (!stats.isFile()) return false;
  try {
    return await haveSameBytes(hidden, path, signal);
  } catch (error) {
    if (isAbsent(error) || systemCode(error) === "EACCES") return false;
    throw error;
  }
}

function foreign({ fileName }: WantedFile, found: Found & { kind: "foreign" | "changed" }): PolyreelError {
  const batch = found.kind === "foreign" ? found.receipts[0]?.name : undefined;
  const origin = batch ? `batch ${JSON.stringify(batch)} delivered it` : "another program or user wrote it";
  return new PolyreelError("conflict", {
    reason: `The existing ${fileName} in the folder does not belong to this batch: ${origin}.`,
    remedy:
      "Choose another folder or another naming, or overwrite it with --overwrite, or `overwrite: true` of the folder.",
  });
}
