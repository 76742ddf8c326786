import { posix } from "node:path";
import { type S3KeySource, S3Prefix, type S3PrefixOptions } from "@polyreel/platform/s3";
import { step } from "@polyreel/platform/telemetry";
import type { Destination, DroppedFile, ForeignName, Place, PutOptions, PutResult } from "../destination.js";
import { foldersOf, plainPath } from "../plain-name.js";
import { type Owner, ownerKey } from "../receipt.js";
import type { Source } from "../source.js";
import { isOfTenant, notOfTenant } from "../tenant-folder.js";
import { destinationTerms } from "./destination-terms.js";
import { fileReceipt, findObject } from "./find-object.js";
import { inGroups, isEmptyFolder, namesIn, ownedIn } from "./folder-objects.js";
import { prefixOf } from "./object-names.js";
import { ObjectWriter } from "./object-writer.js";
import { removeObject } from "./remove-object.js";
import { removeVoidReceipts, SubfolderMarks } from "./subfolder-marks.js";
import { removeUnfinished } from "./unfinished-uploads.js";

export interface S3DestinationOptions extends Omit<S3PrefixOptions, "terms"> {
  /** As batches and errors name it. */
  readonly name: string;
  readonly keys: S3KeySource;
}

/**
 * A bucket, or a prefix in it. The receipt of an object is in its metadata, so a new delivery takes a HEAD and a conditional
 * PUT, or a multipart upload with at most two parts in memory. Objects that other programs write, or overwrite, have no
 * receipt: they are foreign.
 */
export class S3Destination implements Destination {
  readonly #objects: S3Prefix;
  readonly #marks: SubfolderMarks;
  readonly #writer: ObjectWriter;

  /** Throws PolyreelError `invalid` for an invalid address. */
  constructor({ name, ...options }: S3DestinationOptions) {
    this.#objects = new S3Prefix({ ...options, terms: destinationTerms(name) });
    this.#marks = new SubfolderMarks(this.#objects);
    this.#writer = new ObjectWriter(this.#objects, this.#marks);
  }

  /** Throws the cause if it is not reachable. */
  async exists(): Promise<boolean> {
    await this.#objects.assertBucket({ now: true });
    return true;
  }

  async put(source: Source, place: Place, options: PutOptions): Promise<PutResult> {
    const { folder, fileName, owner } = place;
    foldersOf(folder);
    const { subfolders } = plainPath(fileName);
    const inside = posix.join(folder, ...subfolders);
    if (!isOfTenant(owner.tenant, inside)) throw notOfTenant(inside);
    const path = posix.join(folder, fileName);
    const upload = () => this.#writer.put(source, place, path, options);
    await step("upload", upload);
    // Nothing indicates that a bucket was emptied: lost objects are delivered again on request.
    return { path, location: this.#objects.uriOf(path), newFolder: undefined, isKept: true };
  }

  async has(path: string): Promise<boolean> {
    plainPath(path);
    return (await this.#objects.head(path)) !== undefined;
  }

  /** With the headers that the object was delivered with. */
  async link(path: string, lifetimeMs: number): Promise<string | undefined> {
    plainPath(path);
    return this.#objects.link(path, { lifetimeMs });
  }

  /** All releases wrote receipts. */
  async recogniseFormer(): Promise<void> {}

  async foreign(place: Omit<Place, "fileName">, names: readonly string[]): Promise<ForeignName[] | undefined> {
    const { folder, owner } = place;
    foldersOf(folder);
    const inSubfolders = names.some((name) => name.includes("/"));
    if (inSubfolders ? !(await this.#hasAny(folder)) : await isEmptyFolder(this.#objects, folder)) return undefined;
    const foreign: ForeignName[] = [];
    for await (const group of inGroups(names)) {
      const found = await Promise.all(group.map((name) => findObject(this.#objects, posix.join(folder, name))));
      for (const [i, name] of group.entries()) {
        const object = found[i];
        if (!object || object.receipt?.ownerKey === ownerKey(owner)) continue;
        foreign.push({ name, batch: object.receipt?.name ?? "" });
      }
    }
    return foreign;
  }

  remove(...[path, batchId]: Parameters<Destination["remove"]>): ReturnType<Destination["remove"]> {
    plainPath(path);
    return removeObject(this.#objects, path, (receipt) => receipt.batchId === batchId);
  }

  async removeAllOf(...[of, kept]: Parameters<Destination["removeAllOf"]>): Promise<void> {
    const { owner, batchId } = of;
    const own = ownerKey(owner);
    foldersOf(of.folder);
    for (const folder of await this.#marks.foldersOf(of.folder, owner)) {
      for await (const { found, receipt } of ownedIn(this.#objects, folder, own)) {
        if (receipt.batchId !== batchId || kept.has(found.path)) continue;
        await removeObject(this.#objects, found.path, (one) => one.ownerKey === own && one.batchId === batchId);
      }
    }
  }

  async removeRest(folder: string, names: readonly string[]): Promise<void> {
    foldersOf(folder);
    if (!(await this.#marks.removeEmpty(folder))) return;
    const left = new Set<string>();
    for await (const name of namesIn(this.#objects, folder)) {
      if (!names.includes(name)) return;
      left.add(name);
    }
    for (const name of left) {
      const removal = await removeObject(this.#objects, posix.join(folder, name), () => true);
      if (removal !== "changed") left.delete(name);
    }
    await removeVoidReceipts(this.#objects, folder, left);
  }

  async removeEmptySubfolders(folder: string): Promise<void> {
    foldersOf(folder);
    await this.#marks.removeEmpty(folder);
  }

  removeLeftovers(place: { readonly batchId: string; readonly folder: string }): Promise<void> {
    foldersOf(place.folder);
    return removeUnfinished(this.#objects, place);
  }

  async *dropped(folder: string, owner: Owner, batchIds: ReadonlySet<string>): AsyncGenerator<DroppedFile> {
    foldersOf(folder);
    for (const one of await this.#marks.foldersOf(folder, owner)) {
      for await (const { found, receipt } of ownedIn(this.#objects, one, ownerKey(owner))) {
        if (!batchIds.has(receipt.batchId)) yield { path: found.path, receipt: fileReceipt(receipt, found) };
      }
    }
  }

  async #hasAny(folder: string): Promise<boolean> {
    for await (const _object of this.#objects.list(prefixOf(folder), { deep: true })) return true;
    return false;
  }
}
