import { randomUUID } from "node:crypto";
import { lstat, mkdir, opendir, readdir, readFile, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PolyreelError } from "@polyreel/platform";
import { isAbsent, systemCode, undefinedIfAbsent } from "@polyreel/platform/files";
import { hiddenPrefix, isPlainName } from "../plain-name.js";
import { isSameStamp, type Owner, ownerKey, parseReceipt, type Receipt, receiptText, stampOf } from "../receipt.js";
import { type Disk, POOLED } from "./disk.js";

/** Hidden from users who browse the videos; no file or folder of a batch starts with a dot. */
export const RECEIPTS = ".polyreel";

/** Folder of the receipts of an owner's files in a folder. */
export const receiptsOf = (folder: string, owner: Owner): string => join(folder, RECEIPTS, ownerKey(owner));

/** Attempts while other processes remove the empty folder. */
const MAX_TRIES = 5;

/**
 * The receipts of a folder's files, in the folder itself: `.polyreel/<owner>/<file name>`. They move with the folder
 * and outlive store and database. Each is a small file, so that a delivery writes only its own, uploaders need no lock,
 * and a look-up does not read others. The file system compares their names like those of the files. Files in subfolders
 * have their receipts there; here only an empty folder with the subfolder's name marks it.
 */
export class Receipts {
  readonly #root: string;
  readonly #disk: Disk;
  #reached: string | undefined;

  /** `folder`: a real path. `reached`: an owner's receipts folder that has just been verified to be in it. */
  constructor(folder: string, { disk = POOLED, reached }: { disk?: Disk; reached?: string | undefined } = {}) {
    this.#root = join(folder, RECEIPTS);
    this.#disk = disk;
    this.#reached = reached;
  }

  async read(owner: Owner, fileName: string): Promise<Receipt | undefined> {
    const receipt = await this.#readAt(ownerKey(owner), fileName);
    return receipt?.tenant === owner.tenant && receipt.name === owner.name ? receipt : undefined;
  }

  /** Receipts of a file, of all owners. */
  async of(fileName: string): Promise<Receipt[]> {
    const found: Receipt[] = [];
    for (const key of await readdir(this.#root).catch(ignoreMissing)) {
      const receipt = await this.#readAt(key, fileName);
      if (receipt && ownerKey(receipt) === key) found.push(receipt);
    }
    return found;
  }

  /** Writes atomically, also for concurrent readers. */
  async write(fileName: string, receipt: Receipt): Promise<void> {
    const folder = this.#reached ?? join(this.#root, ownerKey(receipt));
    const temporary = `${folder}/${hiddenPrefix(receipt.batchId)}${randomUUID()}`;
    try {
      await this.#inFolder(folder, () => this.#disk.create(temporary, receiptText(receipt)));
      await this.#disk.rename(temporary, `${folder}/${fileName}`);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {}); // The first error is thrown.
      throw error;
    }
  }

  /** Removes one, and empty receipt folders. */
  async remove(owner: Owner, fileName: string): Promise<void> {
    const folder = join(this.#root, ownerKey(owner));
    await rm(join(folder, fileName), { force: true }).catch(ignoreMissing);
    await this.#removeEmpty(folder);
  }

  /** Removes a batch's receipts, of all owners, whose files do not exist. */
  async removeVoid(batchId: string): Promise<void> {
    for (const key of await readdir(this.#root).catch(ignoreMissing)) {
      for (const fileName of await readdir(join(this.#root, key)).catch(ignoreMissing)) {
        const receipt = isPlainName(fileName) ? await this.#readAt(key, fileName) : undefined;
        if (receipt?.batchId !== batchId) continue;
        if (!(await exists(join(dirname(this.#root), fileName))))
          await rm(join(this.#root, key, fileName), { force: true });
      }
      await this.#removeEmpty(join(this.#root, key));
    }
  }

  /** All receipts of an owner, in constant memory. */
  async *list(owner: Owner): AsyncGenerator<{ fileName: string; receipt: Receipt }> {
    const folder = await opendir(join(this.#root, ownerKey(owner))).catch(() => undefined);
    if (!folder) return;
    for await (const entry of folder) {
      const { name: fileName } = entry;
      const receipt = !entry.isDirectory() && isPlainName(fileName) ? await this.read(owner, fileName) : undefined;
      if (receipt) yield { fileName, receipt };
    }
  }

  /** Marks an existing subfolder as containing files of an owner. */
  noteSubfolder(owner: Owner, name: string): Promise<void> {
    return this.#note(ownerKey(owner), name);
  }

  /** Removes all owners' marks of a missing subfolder, unless it is created again meanwhile. */
  async forgetSubfolder(name: string): Promise<void> {
    const keys = await readdir(this.#root).catch(ignoreMissing);
    const noted = keys.map((key) => rmdir(join(this.#root, key, name)).then(() => [key], ignoreMissing));
    const forgotten = (await Promise.all(noted)).flat();
    const isMadeAgain = await exists(join(dirname(this.#root), name));
    for (const key of forgotten) {
      if (isMadeAgain) await this.#note(key, name);
      else await this.#removeEmpty(join(this.#root, key));
    }
  }

  #note(key: string, name: string): Promise<void> {
    const folder = join(this.#root, key);
    return this.#inFolder(folder, () => mkdir(join(folder, name)).catch(ignoreExisting));
  }

  notesSubfolder(owner: Owner, name: string): Promise<boolean> {
    return exists(join(this.#root, ownerKey(owner), name));
  }

  /** Names of the subfolders with files of an owner, or of any owner; independent of the number of files. */
  async subfolders(owner?: Owner): Promise<string[]> {
    const names = new Set<string>();
    for (const key of owner ? [ownerKey(owner)] : await readdir(this.#root).catch(ignoreMissing)) {
      const folder = await opendir(join(this.#root, key)).catch(ignoreMissing);
      for await (const entry of folder) if (entry.isDirectory() && isPlainName(entry.name)) names.add(entry.name);
    }
    return [...names];
  }

  /** A unique path for a file that is moved out of the folder; the name contains its expected stamp. */
  async aside({ batchId, sizeBytes, modifiedNs, ...owner }: Receipt): Promise<string> {
    const folder = join(this.#root, ownerKey(owner));
    await this.#inFolder(folder, async () => {});
    return join(folder, `${hiddenPrefix(batchId)}aside-${sizeBytes}-${modifiedNs}-${randomUUID()}`);
  }

  /**
   * Removes incomplete files that dead processes left of a batch. A file that was moved out of the folder is removed
   * only if it has the expected stamp.
   */
  async removeLeftovers(batchId: string): Promise<void> {
    for (const key of await readdir(this.#root).catch(ignoreMissing)) {
      const folder = join(this.#root, key);
      for (const name of await readdir(folder).catch(ignoreMissing)) {
        if (!name.startsWith(hiddenPrefix(batchId))) continue;
        const [, sizeBytes, modifiedNs] = /-aside-(\d+)-(-?\d+)-/.exec(name) ?? [];
        if (sizeBytes !== undefined && modifiedNs !== undefined) {
          const found = await lstat(join(folder, name), { bigint: true }).catch(ignoreMissing);
          if (Array.isArray(found)) continue;
          if (!isSameStamp(stampOf(found), { sizeBytes: Number(sizeBytes), modifiedNs })) continue;
        }
        await rm(join(folder, name), { force: true });
      }
      await this.#removeEmpty(folder);
    }
  }

  async #readAt(key: string, fileName: string): Promise<Receipt | undefined> {
    const text = await readFile(join(this.#root, key, fileName), "utf8").catch((error: unknown) => {
      if (isAbsent(error) || systemCode(error) === "EISDIR") return undefined; // A folder has no receipt.
      throw error;
    });
    return text === undefined ? undefined : parseReceipt(text);
  }

  /** Runs `work` in a folder, which is created if missing: other processes may remove it while it is empty. */
  async #inFolder(folder: string, work: () => Promise<void>): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        if (folder !== this.#reached) await this.#assertNoLink(folder);
        return await work();
      } catch (error) {
        this.#reached = undefined;
        if (systemCode(error) !== "ENOENT" || tries >= MAX_TRIES) throw error;
      }
      await mkdir(this.#root).catch(ignoreExisting);
      await this.#assertNoLink(this.#root);
      await mkdir(folder).catch(ignoreExisting);
    }
  }

  /** Ensures that nothing is written outside the folder. */
  async #assertNoLink(folder: string): Promise<void> {
    if ((await this.#disk.realpath(folder)) === folder) return;
    throw new PolyreelError("conflict", {
      reason: `${folder} is a symbolic link, or inside one.`,
      remedy: "Remove the link: this path is needed for receipts of deliveries.",
    });
  }

  async #removeEmpty(folder: string): Promise<void> {
    for (const path of [folder, this.#root]) {
      try {
        await rmdir(path);
      } catch {
        return; // Not empty.
      }
    }
  }
}

const exists = async (path: string): Promise<boolean> => (await lstat(path).catch(undefinedIfAbsent)) !== undefined;

function ignoreMissing(error: unknown): never[] {
  if (isAbsent(error)) return [];
  throw error;
}

function ignoreExisting(error: unknown): void {
  if (systemCode(error) !== "EEXIST") throw error;
}
