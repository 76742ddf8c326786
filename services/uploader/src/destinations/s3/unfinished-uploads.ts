import { randomUUID } from "node:crypto";
import { EMPTY_BODY, type S3Prefix } from "@polyreel/platform/s3";
import { uploadsPrefix } from "./object-names.js";

/** Path of the object, relative to the destination, in base64url: names may have any characters. */
const PATH_HEADER = "x-amz-meta-polyreel-path";

interface Upload {
  readonly batchId: string;
  /** The delivery's. */
  readonly folder: string;
  readonly path: string;
}

/**
 * Keeps a record of a multipart upload while it runs: the server lists uploads by key, not by batch, and charges for the
 * parts of a killed process until they are removed.
 */
export async function recorded<T>(
  objects: S3Prefix,
  { batchId, folder, path }: Upload,
  signal: AbortSignal,
  work: (onLeftover: () => void) => Promise<T>,
): Promise<T> {
  const key = `${uploadsPrefix(folder, batchId)}${randomUUID()}`;
  const headers = { [PATH_HEADER]: Buffer.from(path).toString("base64url") };
  await objects.write(key, EMPTY_BODY, { writeId: randomUUID(), headers, signal });
  let isLeft = false;
  try {
    return await work(() => {
      isLeft = true;
    });
  } finally {
    // The end of the batch removes the others.
    if (!isLeft) await objects.erase(key, AbortSignal.timeout(ERASE_MS)).catch(() => {});
  }
}

const ERASE_MS = 10_000;

/** Aborts uploads that dead processes left of an ended batch. */
export async function removeUnfinished(objects: S3Prefix, { batchId, folder }: Omit<Upload, "path">): Promise<void> {
  for await (const { key } of objects.list(uploadsPrefix(folder, batchId), { deep: true })) {
    const headers = await objects.head(key);
    if (!headers) continue;
    const path = Buffer.from(String(headers[PATH_HEADER] ?? ""), "base64url").toString();
    // Earlier uploads of the key may be a user's.
    if (path !== "") await objects.abortUploads(path, new Date(headers["last-modified"] ?? 0));
    await objects.erase(key);
  }
}
