import { randomUUID } from "node:crypto";
import { posix } from "node:path";
import { EMPTY_BODY, type S3Prefix } from "@polyreel/platform/s3";
import { LRUCache } from "lru-cache";
import { type Owner, ownerKey } from "../receipt.js";
import { isEmptyFolder, recordsIn } from "./folder-objects.js";
import { markKey } from "./object-names.js";

// Files with exact keys may be in subfolders of their delivery's folder. Small objects in it mark these subfolders, so
// that an owner's files are found without a request for each object of all other folders below.

/** Limit of remembered marks, by last use. */
const MAX_KNOWN = 1000;

interface Marked {
  readonly batchId: string;
  readonly folder: string;
  readonly owner: Owner;
}

export class SubfolderMarks {
  /** Keys of marks by batch. */
  readonly #known = new LRUCache<string, string>({ max: MAX_KNOWN });

  constructor(private readonly objects: S3Prefix) {}

  /** Marks a subfolder, once for each batch. `below`: relative to the folder; "." for the folder itself. */
  async ensure({ batchId, folder, owner }: Marked, below: string, signal: AbortSignal): Promise<void> {
    if (below === ".") return;
    const key = markKey(folder, ownerKey(owner), below);
    const known = JSON.stringify([batchId, key]);
    if (this.#known.has(known)) return;
    await this.#write(key, signal);
    this.#known.set(known, key);
  }

  /** A folder and its subfolders with files of an owner. */
  async foldersOf(folder: string, owner: Owner): Promise<string[]> {
    const records = await recordsIn(this.objects, folder, ownerKey(owner));
    return [folder, ...records.flatMap((one) => (one.kind === "mark" ? posix.join(folder, one.below) : []))];
  }

  /** Removes the marks and receipts of subfolders without files; returns whether no mark is left. */
  async removeEmpty(folder: string): Promise<boolean> {
    const marks = (await recordsIn(this.objects, folder)).filter((record) => record.kind === "mark");
    let isClear = true;
    for (const below of new Set(marks.map((mark) => mark.below))) {
      const subfolder = posix.join(folder, below);
      const own = marks.filter((mark) => mark.below === below).map(({ key }) => key);
      if (await isEmptyFolder(this.objects, subfolder)) {
        await removeVoidReceipts(this.objects, subfolder, new Set());
        for (const key of own) await this.objects.erase(key);
        for (const [known, key] of this.#known.entries()) if (own.includes(key)) this.#known.delete(known);
        if (await isEmptyFolder(this.objects, subfolder)) continue;
        for (const key of own) await this.#write(key); // Another process has delivered a file meanwhile.
      }
      isClear = false;
    }
    return isClear;
  }

  async #write(key: string, signal?: AbortSignal): Promise<void> {
    const condition = { "if-none-match": "*" } as const;
    await this.objects.write(key, EMPTY_BODY, { writeId: randomUUID(), headers: {}, condition, signal });
  }
}

/** Removes the receipt objects of a folder, of all owners, except those of these files. */
export async function removeVoidReceipts(objects: S3Prefix, folder: string, files: ReadonlySet<string>): Promise<void> {
  for (const record of await recordsIn(objects, folder)) {
    if (record.kind === "receipt" && !files.has(record.fileName)) await objects.erase(record.key);
  }
}
