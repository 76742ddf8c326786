import { posix } from "node:path";
import type { S3Prefix } from "@polyreel/platform/s3";
import { isPlainName } from "../plain-name.js";
import { currentReceipt, type FoundObject, findObject } from "./find-object.js";
import { type FoundRecord, parseRecord, prefixOf, recordsPrefix } from "./object-names.js";
import type { ObjectReceipt } from "./object-receipt.js";

/** Concurrent requests. */
const AT_ONCE = 16;

/** Names of the visible objects in a folder, without its subfolders. */
export async function* namesIn(objects: S3Prefix, folder: string): AsyncGenerator<string> {
  const prefix = prefixOf(folder);
  for await (const { key } of objects.list(prefix)) {
    const name = key.slice(prefix.length);
    if (isPlainName(name)) yield name;
  }
}

export async function isEmptyFolder(objects: S3Prefix, folder: string): Promise<boolean> {
  for await (const _name of namesIn(objects, folder)) return false;
  return true;
}

/** An object with its current receipt. */
export interface OwnedObject {
  readonly found: FoundObject;
  readonly receipt: ObjectReceipt;
}

/** An owner's objects in a folder, without its subfolders: one request per object, two if it has a receipt object. */
export async function* ownedIn(objects: S3Prefix, folder: string, ownerKey: string): AsyncGenerator<OwnedObject> {
  const records = await recordsIn(objects, folder, ownerKey);
  const receipted = new Set(records.flatMap((record) => (record.kind === "receipt" ? record.fileName : [])));
  const look = async (name: string): Promise<OwnedObject | undefined> => {
    const found = await findObject(objects, posix.join(folder, name));
    if (found?.receipt?.ownerKey !== ownerKey) return undefined;
    const receipt = receipted.has(name) ? await currentReceipt(objects, found) : found.receipt;
    return receipt && { found, receipt };
  };
  for await (const names of inGroups(namesIn(objects, folder), AT_ONCE)) {
    for (const owned of await Promise.all(names.map(look))) if (owned) yield owned;
  }
}

/** The records in a folder, of an owner or of all. */
export async function recordsIn(objects: S3Prefix, folder: string, ownerKey?: string): Promise<FoundRecord[]> {
  const records: FoundRecord[] = [];
  const prefix = recordsPrefix(folder) + (ownerKey === undefined ? "" : `${ownerKey}/`);
  for await (const { key } of objects.list(prefix, { deep: true })) {
    const record = parseRecord(folder, key);
    if (record) records.push(record);
  }
  return records;
}

/** Items in groups of at most `size`. */
export async function* inGroups<T>(items: AsyncIterable<T> | Iterable<T>, size: number = AT_ONCE): AsyncGenerator<T[]> {
  let group: T[] = [];
  for await (const item of items) {
    if (group.push(item) < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
