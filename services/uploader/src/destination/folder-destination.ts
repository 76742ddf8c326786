import { createHash, randomUUID } from "node:crypto";
import { lstat, open, opendir, readdir, realpath, rm, rmdir, stat } from "node:fs/promises";
import { join, posix, resolve } from "node:path";
import { writeLayout } from "@polyreel/media/join";
import { toPolyreelError } from "@polyreel/platform";
import { diskError } from "@polyreel/platform/files";
import { contentOf } from "./content-of.js";
import type { Destination, DroppedFile, Pieces, Place, Put, Putting } from "./destination.js";
import { findFolder } from "./enter-folder.js";
import { findForeignFiles } from "./find-foreign-files.js";
import { recogniseFormer } from "./former-files.js";
import { hiddenPrefix, isPlainName, plainName, plainPath } from "./plain-name.js";
import { isDelivered, putFile } from "./put-file.js";
import { isSameStamp, type Owner, ownerKey, stampOf } from "./receipt.js";
import { isAbsent, Receipts, receiptsOf } from "./receipts.js";
import { removeFile, removeReceipted } from "./remove-file.js";
import { type EnteredPath, enterPath, leavePath, removeEmptySubfolders, withSubfolders } from "./subfolders.js";
import { takeAway } from "./take-away.js";
import { isOfTenant, notOfTenant } from "./tenant-folder.js";

/** Folders of which something is kept, of the batches that delivered last. */
const MAX_KNOWN_FOLDERS = 1000;

/**
 * A folder of this machine. A file is written under a hidden name beside its own, hence on the same file system, and moved
 * to its name in one step: programs that watch the folder see it whole. Nothing outside the root is ever written, also not
 * through symbolic links, and nothing inside that is somebody else's.
 */
export class FolderDestination implements Destination {
  readonly root: string;
  /** Real paths of folders that have receipts of a batch's files, by batch and folder. */
  readonly #known = new Map<string, string>();
  /** Folders in which files of releases without receipts were looked for, by path and owner. */
  readonly #recognised = new Map<string, Promise<void>>();

  constructor(root: string) {
    this.root = resolve(root);
  }

  isThere(): Promise<boolean> {
    return this.#about(`look for ${this.root}`, () =>
      stat(this.root).then((found) => found.isDirectory(), falseIfAbsent),
    );
  }

  deliver(...[layout, parts, place, putting]: Parameters<Destination["deliver"]>): Promise<Put> {
    return this.#put(place, putting, {
      known: () => contentOf(layout, parts),
      write: async (path) => {
        await writeLayout(layout, parts, path, { signal: putting.signal });
        return undefined;
      },
    });
  }

  write(pieces: Pieces, place: Place, putting: Putting): Promise<Put> {
    const hash = createHash("sha256");
    const known = Array.isArray(pieces) ? sha256Of(pieces) : undefined;
    return this.#put(place, putting, {
      known: async () => known,
      write: async (path) => {
        await using file = await open(path, "wx");
        for await (const piece of pieces) {
          putting.signal.throwIfAborted();
          hash.update(piece);
          await file.appendFile(piece);
        }
        return known ?? hash.digest("hex");
      },
    });
  }

  has(path: string): Promise<boolean> {
    return this.#about(`look for ${path} in ${this.root}`, async () => {
      const folder = await findFolder(this.root, posix.dirname(path));
      if (folder === undefined) return false;
      return await lstat(join(folder, plainName(posix.basename(path)))).then((found) => found.isFile(), falseIfAbsent);
    });
  }

  recogniseFormer(folder: string, owner: Owner): Promise<void> {
    return this.#about(`look into ${join(this.root, folder)}`, async () => {
      const path = await this.#findWhereMade(folder);
      if (path !== undefined) await this.#recogniseFormer(path, owner);
    });
  }

  /** Looked for once in the life of the process: what delivers now leaves receipts. */
  #recogniseFormer(path: string, owner: Owner): Promise<void> {
    const key = `${path} ${ownerKey(owner)}`;
    const known = this.#recognised.get(key);
    if (known) return known;
    const looking = recogniseFormer(path, owner, new Receipts(path));
    looking.catch(() => this.#recognised.delete(key));
    keepNewest(this.#recognised, key, looking);
    return looking;
  }

  foreign(...[place, names]: Parameters<Destination["foreign"]>): ReturnType<Destination["foreign"]> {
    return this.#about(`look into ${join(this.root, place.folder)}`, async () => {
      const folder = await this.#findWhereMade(place.folder);
      const inSubfolders = names.some((name) => name.includes("/"));
      if (folder === undefined || !(inSubfolders || (await hasFiles(folder)))) return undefined;
      await this.#recogniseFormer(folder, place.owner);
      return findForeignFiles({ ...place, folder }, names);
    });
  }

  /** A root that is not there yet is made by the first delivery. */
  #findWhereMade(folder: string): Promise<string | undefined> {
    return findFolder(this.root, folder).catch((error: unknown) => {
      if (toPolyreelError(error).code === "unavailable") return undefined;
      throw error;
    });
  }

  removeLeftovers({ batchId, folder }: { readonly batchId: string; readonly folder: string }): Promise<void> {
    return this.#about(`tidy up ${join(this.root, folder)}`, async () => {
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

  remove(...[path, batchId, isTheOne]: Parameters<Destination["remove"]>): ReturnType<Destination["remove"]> {
    return this.#about(`remove ${join(this.root, path)}`, async () => {
      const folder = await findFolder(this.root, posix.dirname(path));
      if (folder === undefined) return "gone";
      const fileName = plainName(posix.basename(path));
      return removeFile({ folder, fileName, batchId }, new Receipts(folder), isTheOne);
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
          await takeAway(join(at, fileName), receipt, receipts);
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
      // Folders in it that hold none of its files are other destinations.
      const left = entries.flatMap((entry) => (entry.isDirectory() && !subfolders.has(entry.name) ? [] : entry.name));
      if (!left.every((name) => names.includes(name))) return;
      for (const name of left) await removeReceipted({ folder: path, fileName: name }, receipts);
      await receipts.removeVoid(batchId);
      if (folder !== ".") await rmdir(path).catch(() => {}); // something that is not a receipt's lies there
    });
  }

  removeEmptySubfolders(folder: string, batchId: string): Promise<void> {
    return this.#about(`tidy up ${join(this.root, folder)}`, async () => {
      const path = await findFolder(this.root, folder);
      if (path !== undefined) await removeEmptySubfolders(path, batchId);
    });
  }

  async *dropped(folder: string, owner: Owner, batchIds: ReadonlySet<string>): AsyncGenerator<DroppedFile> {
    const path = await this.#about(`look into ${join(this.root, folder)}`, () => findFolder(this.root, folder));
    if (path === undefined) return;
    for await (const { path: at, below } of withSubfolders(path, owner)) {
      const receipts = new Receipts(at);
      for await (const { fileName, receipt } of receipts.list(owner)) {
        if (batchIds.has(receipt.batchId)) continue;
        const found = await lstat(join(at, fileName), { bigint: true }).catch(falseIfAbsent);
        if (!found) await receipts.remove(owner, fileName);
        else if (isSameStamp(stampOf(found), receipt)) yield { path: posix.join(folder, below, fileName), receipt };
      }
    }
  }

  #put(place: Place, { fence, signal }: Putting, file: WrittenFile): Promise<Put> {
    const { batchId, owner, folder, fileName } = place;
    const { subfolders, fileName: name } = plainPath(fileName);
    return this.#about(`write ${fileName} to ${join(this.root, folder)}`, async () => {
      const inside = posix.join(folder, ...subfolders);
      if (!isOfTenant(owner.tenant, inside)) throw notOfTenant(inside);
      await fence?.();
      const { isKnown, isOther, ...entered } = await this.#enter(place, subfolders);
      const { path } = entered;
      // Releases without receipts knew no subfolders.
      if (!entered.made && subfolders.length === 0) await this.#recogniseFormer(path, owner);
      const hidden = join(path, `${hiddenPrefix(batchId)}${randomUUID()}`);
      const visible = join(path, name);
      const receipts = new Receipts(path, isKnown ? receiptsOf(path, owner) : undefined);
      const wanted = { ...place, folder: path, fileName: name };
      try {
        const known = await file.known();
        if (known === undefined || !(await isDelivered(wanted, known, receipts))) {
          const content = (await file.write(hidden)) ?? known ?? "";
          await fence?.();
          await putFile(hidden, wanted, content, receipts, signal);
        }
      } catch (error) {
        await rm(hidden, { force: true }).catch(() => {}); // the first error counts
        await leavePath(entered);
        throw error;
      }
      keepNewest(this.#known, knownKey(batchId, inside), path);
      await fence?.().catch(async (error: unknown) => {
        // Where its id is another batch's by now, the file may be that one's.
        if (toPolyreelError(error).code === "not_found") {
          await rm(visible, { force: true });
          await receipts.remove(owner, name);
        }
        throw error;
      });
      return { path: posix.join(folder, fileName), newFolder: entered.newFolder ?? (isOther ? inside : undefined) };
    });
  }

  /**
   * Enters the folder of a file. While the receipts of a batch's earlier files lie in it, it is the same folder still, reached
   * without a link that leads outside: one look tells that. Where they are gone, it is another one.
   */
  async #enter(
    { batchId, owner, folder }: Place,
    subfolders: readonly string[],
  ): Promise<EnteredPath & { readonly isKnown: boolean; readonly isOther: boolean }> {
    const inside = posix.join(folder, ...subfolders);
    const key = knownKey(batchId, inside);
    const known = this.#known.get(key);
    if (
      known !== undefined &&
      (await isReached(receiptsOf(known, owner), receiptsOf(join(this.root, inside), owner)))
    ) {
      return { path: known, made: false, newFolder: undefined, steps: [], isKnown: true, isOther: false };
    }
    this.#known.delete(key);
    const entered = await enterPath(this.root, folder, subfolders, owner);
    return { ...entered, isKnown: false, isOther: known !== undefined };
  }

  async #about<T>(action: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw diskError(action, error);
    }
  }
}

/** How a file comes to be: what fixes its bytes, where that is known before, and how they are written. */
interface WrittenFile {
  known(): Promise<string | undefined>;
  /** Gives what fixes its bytes, where that is known only now. */
  write(path: string): Promise<string | undefined>;
}

const knownKey = (batchId: string, folder: string): string => `${batchId} ${folder}`;

/** Whether a real path is what another path leads to. */
const isReached = (realPath: string, path: string): Promise<boolean> =>
  realpath(path).then((found) => found === realPath, falseIfAbsent);

function sha256Of(pieces: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
}

/** Of the keys set last, a bounded number. */
function keepNewest<T>(known: Map<string, T>, key: string, value: T): void {
  known.delete(key); // the newest last
  known.set(key, value);
  const [oldest] = known.keys();
  if (known.size > MAX_KNOWN_FOLDERS && oldest !== undefined) known.delete(oldest);
}

/** Whether anything but folders and hidden files is in a folder. */
async function hasFiles(folder: string): Promise<boolean> {
  for await (const entry of await opendir(folder)) if (isPlainName(entry.name) && !entry.isDirectory()) return true;
  return false;
}

/** For the rejection of a look at a file: there is none. */
function falseIfAbsent(error: unknown): false {
  if (isAbsent(error)) return false;
  throw error;
}
