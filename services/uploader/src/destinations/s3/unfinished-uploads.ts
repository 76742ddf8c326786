import { randomUUID } from "node:crypto";
import { EMPTY_BODY, type S3Prefix } from "@polyreel/platform/s3";
import { uploadsPrefix } from "./object-names.js";

/** An upload's object, relative to the destination; base64url, as names may be of any characters. */
const PATH_HEADER = "x-amz-meta-polyreel-path";

interface Upload {
  readonly batchId: string;
  /** Of the delivery. */
  readonly folder: string;
  readonly path: string;
}

/**
 * Runs an upload in parts under a record of it: the server's list of uploads shows their keys only, not their batches, and
 * the parts that a killed process left are paid for until they are removed.
 */
export async function recorded<T>(
  objects: S3Prefix,
  { batchId, folder, path }: Upload,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const key = `${uploadsPrefix(folder, batchId)}${randomUUID()}`;
  const headers = { [PATH_HEADER]: Buffer.from(path).toString("base64url") };
  await objects.write(key, EMPTY_BODY, { writeId: randomUUID(), headers, signal });
  try {
    return await work();
  } finally {
    // A record that stays costs a request when the batch has ended.
    await objects.erase(key, AbortSignal.timeout(ERASE_MS)).catch(() => {});
  }
}

const ERASE_MS = 10_000;

/** Removes the parts that dead processes uploaded for a batch that has ended. */
export async function removeUnfinished(objects: S3Prefix, { batchId, folder }: Omit<Upload, "path">): Promise<void> {
  for await (const { key } of objects.list(uploadsPrefix(folder, batchId), { deep: true })) {
    const headers = await objects.head(key);
    if (!headers) continue;
    const path = Buffer.from(String(headers[PATH_HEADER] ?? ""), "base64url").toString();
    // Earlier uploads of the key may be a person's.
    if (path !== "") await objects.abortUploads(path, new Date(headers["last-modified"] ?? 0));
    await objects.erase(key);
  }
}
