import type { BigIntStats } from "node:fs";
import { rm } from "node:fs/promises";
import { PolyreelError } from "@polyreel/platform";
import { systemCode } from "@polyreel/platform/files";
import { createOnly } from "./create-only.js";
import type { Disk } from "./disk.js";
import { isAbsent } from "./disk.js";
import { foreignFile } from "./foreign-file.js";
import { isSameStamp, type Owner, type Receipt, stampOf } from "./receipt.js";
import type { Receipts } from "./receipts.js";
import { haveSameBytes } from "./same-bytes.js";
import { takeAway } from "./take-away.js";

/** A file as it is to be, in a folder that is there. */
export interface WantedFile {
  /** The folder's real path. */
  readonly folder: string;
  readonly disk: Disk;
  readonly fileName: string;
  readonly batchId: string;
  /** Of the combination, from 1; 0 for lists of files. */
  readonly attempt: number;
  readonly owner: Owner;
  /** Files that are not the owner's are written over. */
  readonly overwrite: boolean;
}

/** A finished file under a hidden name. */
export interface WrittenFile {
  readonly path: string;
  /** Fixes its bytes, as in its receipt. */
  readonly content: string;
  readonly stats: BigIntStats;
}

/** What has the file's name. */
type Found =
  | { readonly kind: "nothing" }
  /** The owner's, as it was delivered. */
  | { readonly kind: "own"; readonly receipt: Receipt; readonly stats: BigIntStats }
  /** The owner's, but changed since, or delivered by another process just now. */
  | { readonly kind: "changed"; readonly receipt: Receipt; readonly stats: BigIntStats }
  | { readonly kind: "foreign"; readonly receipts: readonly Receipt[]; readonly stats: BigIntStats };

/** Somebody puts something there and takes it away as often. */
const MAX_TRIES = 20;

/** Whether the file lies there with this content, the owner's and unchanged. Nothing but its receipt is written. */
export async function isDelivered(wanted: WantedFile, content: string, receipts: Receipts): Promise<boolean> {
  const found = await find(wanted, receipts);
  if (found.kind === "foreign" && found.receipts.length > 0 && !wanted.overwrite) throw foreign(wanted, found);
  if (found.kind !== "own" || found.receipt.content !== content) return false;
  await receipts.write(wanted.fileName, takenOver(found.receipt, wanted));
  return true;
}

/**
 * Moves a finished file to its name. Its receipt is written first: whoever dies in between leaves a receipt of no file, never
 * a file of nobody. The owner's own file is replaced, one with the same bytes left as it is; nothing else is written over,
 * also not what appears meanwhile. Throws PolyreelError `conflict` for a file of somebody else.
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
    const there = await unchanged(found, { hidden, path, content, receipt, signal });
    if (there) {
      await receipts.write(fileName, there);
      await rm(hidden, { force: true });
      return;
    }
    if (found.kind === "own" && !(await takeAway(path, found.receipt, receipts))) continue;
    if (found.kind === "foreign" || found.kind === "changed") {
      if (!mayReplace(found, wanted)) {
        // A receipt of this attempt is of a file that never got there.
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
    reason: `Something else writes ${fileName} again and again.`,
    remedy: "Let it write to another folder.",
  });
}

/** The receipt of a file that has the wanted bytes already; undefined where it has not, or is somebody else's. */
async function unchanged(
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
  // Its receipt was lost with a process that died, is another uploader's, or was written by another release.
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

/** What this batch delivered in an earlier attempt it delivers again because that was asked for, whatever became of it. */
const mayReplace = (found: Found, { overwrite, batchId, attempt }: WantedFile): boolean =>
  overwrite || (found.kind === "changed" && found.receipt.batchId === batchId && found.receipt.attempt < attempt);

/** Which of somebody's files has the name; undefined where it may be written. Nothing is changed. */
export async function findForeign(
  wanted: WantedFile,
  receipts: Receipts,
): Promise<{ readonly batch: string } | undefined> {
  const found = await lookAt(wanted, receipts);
  if (found === "folder" || found.kind === "nothing" || found.kind === "own") return undefined;
  if (found.kind === "changed") return found.receipt.batchId === wanted.batchId ? undefined : { batch: "" };
  return { batch: found.receipts[0]?.name ?? "" };
}

async function find(wanted: WantedFile, receipts: Receipts): Promise<Found> {
  const found = await lookAt(wanted, receipts);
  if (found === "folder") throw Object.assign(new Error("A folder has the name."), { code: "EISDIR" });
  return found;
}

async function lookAt({ folder, disk, fileName, owner }: WantedFile, receipts: Receipts): Promise<Found | "folder"> {
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
  const batch = found.kind === "foreign" ? (found.receipts[0]?.name ?? "") : undefined;
  return foreignFile(fileName, batch);
}
