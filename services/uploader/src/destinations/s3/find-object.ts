import { randomUUID } from "node:crypto";
import { EMPTY_BODY, type S3Prefix, WRITE_HEADER } from "@polyreel/platform/s3";
import type { Receipt } from "../receipt.js";
import { receiptKey } from "./object-names.js";
import { type ObjectReceipt, parseObjectReceipt, receiptHeaders } from "./object-receipt.js";

/** An existing object. */
export interface FoundObject {
  readonly path: string;
  readonly etag: string;
  readonly sizeBytes: number;
  readonly modifiedAt: Date;
  /** Of the write that created it; empty for objects of other programs. */
  readonly writeId: string;
  /** Of the batch that wrote it; undefined for objects of other programs. */
  readonly receipt: ObjectReceipt | undefined;
}

export async function findObject(
  objects: S3Prefix,
  path: string,
  signal?: AbortSignal,
): Promise<FoundObject | undefined> {
  const headers = await objects.head(path, signal);
  return (
    headers && {
      path,
      etag: headers.etag ?? "",
      sizeBytes: Number(headers["content-length"] ?? 0),
      modifiedAt: new Date(headers["last-modified"] ?? 0),
      writeId: String(headers[WRITE_HEADER] ?? ""),
      receipt: parseObjectReceipt(headers, path),
    }
  );
}

interface CurrentReceipt extends ObjectReceipt {
  /** Whether a receipt object exists, possibly for an earlier write. */
  readonly isStored: boolean;
}

/** The receipt of the last batch that delivered the object, or found it unchanged. */
export async function currentReceipt(
  objects: S3Prefix,
  { path, writeId, receipt }: FoundObject,
  signal?: AbortSignal,
): Promise<CurrentReceipt | undefined> {
  if (!receipt) return undefined;
  const headers = await objects.head(receiptKey(path, receipt.ownerKey), signal);
  const stored = headers && parseObjectReceipt(headers, path);
  return { ...(stored?.of === writeId ? stored : receipt), isStored: headers !== undefined };
}

/** Writes the receipt of a batch that found an object unchanged. */
export async function takeOver(
  objects: S3Prefix,
  { path, writeId }: FoundObject,
  receipt: ObjectReceipt,
  signal?: AbortSignal,
): Promise<void> {
  const headers = receiptHeaders({ ...receipt, of: writeId }, path);
  await objects.write(receiptKey(path, receipt.ownerKey), EMPTY_BODY, { writeId: randomUUID(), headers, signal });
}

/** Converts the receipt to that of a file. */
export const fileReceipt = (receipt: ObjectReceipt, { sizeBytes, modifiedAt }: FoundObject): Receipt => ({
  tenant: receipt.tenant,
  name: receipt.name,
  batchId: receipt.batchId,
  attempt: receipt.attempt,
  content: receipt.content,
  sizeBytes,
  modifiedNs: `${modifiedAt.getTime()}000000`,
});
