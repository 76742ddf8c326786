import { lstat, opendir, readdir, rm, rmdir, stat } from "node:fs/promises";
import { join, posix, resolve } from "node:path";
import { toPolyreelError } from "@polyreel/platform";
import { diskError, undefinedIfAbsent } from "@polyreel/platform/files";
import { briefStep } from "@polyreel/platform/telemetry";
import { LRUCache } from "lru-cache";
import type { Destination, DroppedFile, Place, PutOptions, PutResult } from "../destination.js";
import { hiddenPrefix, isPlainName, plainName } from "../plain-name.js";
import { isSameStamp, type Owner, ownerKey, stampOf } from "../receipt.js";
import type { Source } from "../source.js";
import { diskOf } from "./disk.js";
import { findFolder, rootUnmounted } from "./enter-folder.js";
import { findForeignFiles } from "./find-foreign-files.js";
import { FolderWriter } from "./folder-writer.js";
import { recogniseFormer } from "./former-files.js";
import { Receipts } from "./receipts.js";
import { removeFile, removeReceipted } from "./remove-file.js";
import { removeIfUnchanged } from "./remove-if-unchanged.js";
import { removeEmptySubfolders, withSubfolders } from "./subfolders.js";

const MAX_RECOGNISED = 1000;

/**
 * A folder of this machine. A file is written under a hidden name in the same folder, and so on the same file system,
 * and renamed atomically: programs that watch the folder see only complete files. It never writes outside the root,
 * even through symbolic links, and never overwrites foreign files inside.
 */
export class FolderDestination implements Destination {
  readonly root: string;
  readonly #writer: FolderWriter;
  /** Searches of folders for files of releases without receipts, by path and owner. */
  readonly #recognised = new LRUCache<string, Promise<void>>({ max: MAX_RECOGNISED });

  /** `created`: whether the first delivery creates the root; otherwise it waits until its disk is mounted. */
  constructor(
    root: string,
    private readonly options: { readonly created: boolean } = { created: true },
  ) {
    this.root = resolve(root);
    this.#writer = new FolderWriter(this.root, (path, owner) => this.#recogniseFormer(path, owner));
  }

  exists(): Promise<boolean> {
    return this.#about(
      `check ${this.root}`,
      async () => (await stat(this.root).catch(undefinedIfAbsent))?.isDirectory() ?? false,
    );
  }

  put(source: Source, place: Place, options: PutOptions): Promise<PutResult> {
    const action = `write ${place.fileName} to ${join(this.root, place.folder)}`;
    const write = async () => {
      if (!this.options.created && !(await this.exists())) throw rootUnmounted(this.root);
      return this.#writer.put(source, place, options);
    };
    return this.#about(action, () => briefStep("write", write));
  }

  has(path: string): Promise<boolean> {
    return this.#about(`check ${path} in ${this.root}`, async () => {
      const folder = await findFolder(this.root, posix.dirname(path));
      if (folder === undefined) return false;
      return (await lstat(join(folder, plainName(posix.basename(path)))).catch(undefinedIfAbsent))?.isFile() ?? false;
    });
  }

  recogniseFormer(folder: string, owner: Owner): Promise<void> {
    return this.#about(`read ${join(this.root, folder)}`, async () => {
      const path = await this.#findExisting(folder);
      if (path !== undefined) await this.#recogniseFormer(path, owner);
    });
  }

  /** Searches once per process: current releases write receipts. */
  #recogniseFormer(path: string, owner: Owner): Promise<void> {
    const key = `${path} ${ownerKey(owner)}`;
    const known = this.#recognised.get(key);
    if (known) return known;
    const search = recogniseFormer(path, owner, new Receipts(path));
    search.catch(() => this.#recognised.delete(key));
    this.#recognised.set(key, search);
    return search;
  }

  foreign(...[place, names]: Parameters<Destination["foreign"]>): ReturnType<Destination["foreign"]> {
    return this.#about(`read ${join(this.root, place.folder)}`, async () => {
      const folder = await this.#findExisting(place.folder);
      const inSubfolders = names.some((name) => name.includes("/"));
      if (folder === undefined || !(inSubfolders || (await hasFiles(folder)))) return undefined;
      await this.#recogniseFormer(folder, place.owner);
      return findForeignFiles({ ...place, folder, disk: await diskOf(folder) }, names);
    });
  }

  /** Like `findFolder`, but undefined if the root is missing: the first delivery creates it. */
  #findExisting(folder: string): Promise<string | undefined> {
    return findFolder(this.root, folder).catch((error: unknown) => {
      if (toPolyreelError(error).code === "unavailable") return undefined;
      throw error;
    });
  }

  removeLeftovers({ batchId, folder }: { readonly batchId: string; readonly folder: string }): Promise<void> {
    return this.#about(`clean up ${join(this.root, folder)}`, async () => {
      const path = await findFolder(this.root, folder);
      if (path === undefined) return;
      for await (const { path: at } of withSubfolders(path)) {
        for await (const { name } of await opendir(at)) {
          if (name.startsWith(hiddenPrefix(batchId))) await rm(join(at, name), { force: true });
        }
        await new Receipts(at).removeLeftovers(batchId);
      }
    });
  }

  remove(...[path, batchId, isDelivered]: Parameters<Destination["remove"]>): ReturnType<Destination["remove"]> {
    return this.#about(`remove ${join(this.root, path)}`, async () => {
      const folder = await findFolder(this.root, posix.dirname(path));
      if (folder === undefined) return "gone";
      const fileName = plainName(posix.basename(path));
      return removeFile({ folder, fileName, batchId }, new Receipts(folder), isDelivered);
    });
  }

  removeAllOf(...[of, kept]: Parameters<Destination["removeAllOf"]>): Promise<void> {
    const { folder, owner, batchId } = of;
    return this.#about(`remove files in ${join(this.root, folder)}`, async () => {
      const path = await findFolder(this.root, folder);
      if (path === undefined) return;
      for await (const { path: at, below } of withSubfolders(path, owner)) {
        const receipts = new Receipts(at);
        for await (const { fileName, receipt } of receipts.list(owner)) {
          if (receipt.batchId !== batchId || kept.has(posix.join(folder, below, fileName))) continue;
          await removeIfUnchanged(join(at, fileName), receipt, receipts);
          await receipts.remove(owner, fileName);
        }
      }
    });
  }

  removeRest(folder: string, names: readonly string[], batchId: string): Promise<void> {
    return this.#about(`remove ${join(this.root, folder)}`, async () => {
      const path = await findFolder(this.root, folder);
      if (path === undefined) return;
      await removeEmptySubfolders(path, batchId);
      const receipts = new Receipts(path);
      const subfolders = new Set(await receipts.subfolders());
      const entries = await readdir(path, { withFileTypes: true });
      // Subfolders without files of this folder's deliveries are other destinations.
      const left = entries.flatMap((entry) => (entry.isDirectory() && !subfolders.has(entry.name) ? [] : entry.name));
      if (!left.every((name) => names.includes(name))) return;
      for (const name of left) await removeReceipted({ folder: path, fileName: name }, receipts);
      await receipts.removeVoid(batchId);
      if (folder !== ".") await rmdir(path).catch(() => {}); // Files without receipts are left in it.
    });
  }

  removeEmptySubfolders(folder: string, batchId: string): Promise<void> {
    return this.#about(`clean up ${join(this.root, folder)}`, async () => {
      const path = await findFolder(this.root, folder);
      if (path !== undefined) await removeEmptySubfolders(path, batchId);
    });
  }

  async *dropped(folder: string, owner: Owner, batchIds: ReadonlySet<string>): AsyncGenerator<DroppedFile> {
    const path = await this.#about(`read ${join(this.root, folder)}`, () => findFolder(this.root, folder));
    if (path === undefined) return;
    for await (const { path: at, below } of withSubfolders(path, owner)) {
      const receipts = new Receipts(at);
      for await (const { fileName, receipt } of receipts.list(owner)) {
        if (batchIds.has(receipt.batchId)) continue;
        const found = await lstat(join(at, fileName), { bigint: true }).catch(undefinedIfAbsent);
        if (!found) await receipts.remove(owner, fileName);
        else if (isSameStamp(stampOf(found), receipt)) yield { path: posix.join(folder, below, fileName), receipt };
      }
    }
  }

  async #about<T>(action: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw diskError(action, error);
    }
  }
}

/** Whether a folder has visible files. */
async function hasFiles(folder: string): Promise<boolean> {
  for await (const entry of await opendir(folder)) if (isPlainName(entry.name) && !entry.isDirectory()) return true;
  return false;
}
