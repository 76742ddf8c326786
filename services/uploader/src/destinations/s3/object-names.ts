import { posix } from "node:path";
import { isPlainName, plainName } from "../plain-name.js";

// All keys are relative to the destination's prefix. Nothing that a batch delivers begins with a dot.

const HIDDEN = ".polyreel";
const MARK = ".in";
const UPLOADS = ".uploads";

/** Prefix of the keys of a folder's objects. */
export const prefixOf = (folder: string): string => (folder === "." ? "" : `${folder}/`);

/** Prefix of the records in a folder. */
export const recordsPrefix = (folder: string): string => `${prefixOf(folder)}${HIDDEN}/`;

/** Key of the receipt object that a later batch of the owner writes for an unchanged object. */
export const receiptKey = (path: string, ownerKey: string): string =>
  `${recordsPrefix(posix.dirname(path))}${ownerKey}/${posix.basename(path)}`;

/** Key of the mark of a subfolder with files of an owner; `below`: relative to the delivery's folder. */
export const markKey = (folder: string, ownerKey: string, below: string): string =>
  `${recordsPrefix(folder)}${ownerKey}/${below}/${MARK}`;

/** Prefix of the records of a batch's multipart uploads in progress. */
export const uploadsPrefix = (folder: string, batchId: string): string =>
  `${recordsPrefix(folder)}${UPLOADS}/${plainName(batchId)}/`;

/** A record, identified by its key. */
export type FoundRecord =
  | { readonly kind: "receipt"; readonly key: string; readonly ownerKey: string; readonly fileName: string }
  | { readonly kind: "mark"; readonly key: string; readonly ownerKey: string; readonly below: string };

/** Returns undefined for other keys. */
export function parseRecord(folder: string, key: string): FoundRecord | undefined {
  const [ownerKey = "", ...names] = key.slice(recordsPrefix(folder).length).split("/");
  const last = names.at(-1) ?? "";
  if (!isPlainName(ownerKey)) return undefined;
  if (last === MARK && names.length > 1) return { kind: "mark", key, ownerKey, below: names.slice(0, -1).join("/") };
  return names.length === 1 && isPlainName(last) ? { kind: "receipt", key, ownerKey, fileName: last } : undefined;
}
