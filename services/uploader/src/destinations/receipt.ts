import { hash } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { LRUCache } from "lru-cache";

/** The owner of files: those of one owner replace each other, those of different owners never do. */
export interface Owner {
  readonly tenant: string;
  /** The batch's name. All batches of a tenant without one are one owner. */
  readonly name: string;
}

/** Size and time of a file at delivery: it belongs to the owner as long as they are unchanged. */
export interface Stamp {
  readonly sizeBytes: number;
  /** Modification time in nanoseconds, as a string: too large for a number. */
  readonly modifiedNs: string;
}

/** The record of a delivered file. The receipt has the file's name. */
export interface Receipt extends Owner, Stamp {
  /** The last batch that delivered it, or found it unchanged. */
  readonly batchId: string;
  /** Of the combination, from 1; 0 for lists of files. */
  readonly attempt: number;
  /**
   * Determines every byte: the SHA-256 of the hashes of an output's layout, or of a small file. Empty if an earlier
   * release delivered it.
   */
  readonly content: string;
}

/** Folder name of an owner's receipts. */
export function ownerKey({ tenant, name }: Owner): string {
  const owner = JSON.stringify([tenant, name]);
  const known = ownerKeys.get(owner);
  if (known !== undefined) return known;
  const key = hash("sha256", owner, "hex").slice(0, 32);
  ownerKeys.set(owner, key);
  return key;
}

/** A cache: the keys are used several times per file. */
const ownerKeys = new LRUCache<string, string>({ max: 100 });

export const stampOf = ({ size, mtimeNs }: BigIntStats): Stamp => ({
  sizeBytes: Number(size),
  modifiedNs: String(mtimeNs),
});

export const isSameStamp = (a: Stamp, b: Stamp): boolean =>
  a.sizeBytes === b.sizeBytes && a.modifiedNs === b.modifiedNs;

export const receiptText = ({ tenant, name, batchId, attempt, content, sizeBytes, modifiedNs }: Receipt): string =>
  `${JSON.stringify({ tenant, name, batchId, attempt, content, sizeBytes, modifiedNs })}\n`;

/** Undefined for anything but a complete receipt. */
export function parseReceipt(text: string): Receipt | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { tenant, name, batchId, attempt, content, sizeBytes, modifiedNs } = value as Record<string, unknown>;
  const texts = [tenant, name, batchId, content, modifiedNs];
  if (!texts.every((one) => typeof one === "string")) return undefined;
  if (typeof sizeBytes !== "number" || typeof attempt !== "number") return undefined;
  return value as Receipt;
}
