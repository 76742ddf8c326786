import type { Place } from "../destination.js";
import { type Owner, ownerKey, type Receipt } from "../receipt.js";
import type { DriveFile } from "./drive-files.js";

// The receipt of a file is in its private properties, which only this application sees. It is created together with
// the file, so there is no file without one. A property has at most 124 bytes, name included; there are at most 30.

export const OWNER = "polyreelOwner";
export const BATCH = "polyreelBatch";
const NAME = "polyreelName";
const TENANT = "polyreelTenant";
const ATTEMPT = "polyreelAttempt";
const CONTENT = "polyreelContent";
const SHA256 = "polyreelSha256";
const MD5 = "polyreelMd5";
/** Marks folders that Polyreel created. */
export const FOLDER_MARK = { polyreelFolder: "1" } as const;

const MAX_PROPERTY_BYTES = 124;

/** The record of a delivered file. */
export interface DriveReceipt {
  /** Hash of the owner: names may be longer than a property. */
  readonly owner: string;
  readonly tenant: string;
  /** The batch's name, cut to the length of a property: for messages. */
  readonly name: string;
  readonly batchId: string;
  readonly attempt: number;
  /** Determines every byte, as in `Receipt`. */
  readonly content: string;
  readonly sha256: string;
  readonly md5: string;
}

/** Hashes of a file's bytes. */
export interface Digest {
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly md5: string;
  /** As in receipts. */
  readonly content: string;
}

/** The properties of a file that is delivered now. */
export const receiptProperties = (
  { owner, batchId, attempt }: Pick<Place, "owner" | "batchId" | "attempt">,
  { sha256, md5, content }: Pick<Digest, "sha256" | "md5" | "content">,
): Record<string, string> => ({
  [OWNER]: ownerKey(owner),
  [TENANT]: owner.tenant,
  [NAME]: cut(owner.name, MAX_PROPERTY_BYTES - NAME.length),
  [BATCH]: batchId,
  [ATTEMPT]: String(attempt),
  [CONTENT]: content,
  [SHA256]: sha256,
  [MD5]: md5,
});

/** Removes a receipt: the file is foreign from then on. */
export const NO_RECEIPT: Readonly<Record<string, null>> = Object.fromEntries(
  [OWNER, TENANT, NAME, BATCH, ATTEMPT, CONTENT, SHA256, MD5].map((key) => [key, null]),
);

/** Undefined if the file has none. */
export function receiptOf({ appProperties = {} }: DriveFile): DriveReceipt | undefined {
  const { [OWNER]: owner, [BATCH]: batchId, [SHA256]: sha256 } = appProperties;
  if (!owner || !batchId || !sha256) return undefined;
  return {
    owner,
    batchId,
    sha256,
    tenant: appProperties[TENANT] ?? "",
    name: appProperties[NAME] ?? "",
    attempt: Number(appProperties[ATTEMPT] ?? 0),
    content: appProperties[CONTENT] ?? "",
    md5: appProperties[MD5] ?? "",
  };
}

/** Whether a file has the bytes of these hashes. Google has no SHA-256 of some files. */
export const hasBytes = (
  { sha256Checksum, md5Checksum }: DriveFile,
  { sha256, md5 }: Pick<Digest, "sha256" | "md5">,
): boolean => (sha256Checksum === undefined ? md5Checksum === md5 : sha256Checksum === sha256);

/** The receipt as other kinds of destinations have it. */
export const plainReceipt = (file: DriveFile, receipt: DriveReceipt, owner: Owner): Receipt => ({
  ...owner,
  batchId: receipt.batchId,
  attempt: receipt.attempt,
  content: receipt.content,
  sizeBytes: Number(file.size ?? 0),
  modifiedNs: "0", // Checksums determine whether it is unchanged.
});

/** The beginning of a text in at most so many bytes, without half a character. */
function cut(text: string, maxBytes: number): string {
  let bytes = 0;
  let result = "";
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    result += character;
  }
  return result;
}
