import { randomUUID } from "node:crypto";
import { lstat, mkdir, opendir, readdir, readFile, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PolyreelError } from "@polyreel/platform";
import { systemCode } from "@polyreel/platform/files";
import { type Disk, isAbsent, POOLED } from "./disk.js";
import { hiddenPrefix, isPlainName } from "./plain-name.js";
import { isSameStamp, type Owner, ownerKey, parseReceipt, type Receipt, receiptText, stampOf } from "./receipt.js";

/** Hidden, so that whoever looks at the videos does not see it; no file or folder of a batch begins with a dot. */
export const RECEIPTS = ".polyreel";

/** Where the receipts of an owner's files in a folder lie. */
export const receiptsOf = (folder: string, owner: Owner): string => join(folder, RECEIPTS, ownerKey(owner));

/** Others may remove a folder, empty, as often. */
const MAX_TRIES = 5;

/**
 * The receipts of a folder's files, in the folder itself: `.polyreel/<owner>/<file name>`. They move with the folder and
 * outlive store and database. One small file each, so that a delivery writes only its own, uploaders need no lock, and a name
 * is looked up without reading others. The file system compares their names as it does those of the files. Of files in
 * subfolders it only notes the subfolder, by an empty folder of that name: their receipts lie with them.
 */
export class Receipts {
  readonly #root: string;
  readonly #disk: Disk;
  #reached: string | undefined;

  /** `folder`: the real path. `reached`: where an owner's receipts have just been found to lie, in the folder itself. */
  constructor(folder: string, { disk = POOLED, reached }: { disk?: Disk; reached?: string | undefined } = {}) {
    this.#root = join(folder, RECEIPTS);
    this.#disk = disk;
    this.#reached = reached;
  }

  async read(owner: Owner, fileName: string): Promise<Receipt | undefined> {
    const receipt = await this.#readAt(ownerKey(owner), fileName);
    return receipt?.tenant === owner.tenant && receipt.name === owner.name ? receipt : undefined;
  }

  /** Those that any owner has of a file. */
  async of(fileName: string): Promise<Receipt[]> {
    const found: Receipt[] = [];
    for (const key of await readdir(this.#root).catch(ignoreMissing)) {
      const receipt = await this.#readAt(key, fileName);
      if (receipt && ownerKey(receipt) === key) found.push(receipt);
    }
    return found;
  }

  /** Whole or not at all, also for those who read it meanwhile. */
  async write(fileName: string, receipt: Receipt): Promise<void> {
    const folder = this.#reached ?? join(this.#root, ownerKey(receipt));
    const inTheMaking = `${folder}/${hiddenPrefix(receipt.batchId)}${randomUUID()}`;
    try {
      await this.#inFolder(folder, () => this.#disk.create(inTheMaking, receiptText(receipt)));
      await this.#disk.rename(inTheMaking, `${folder}/${fileName}`);
    } catch (error) {
      await rm(inTheMaking, { force: true }).catch(() => {}); // the first error counts
      throw error;
    }
  }

  /** Removes one; what held it goes with the last. */
  async remove(owner: Owner, fileName: string): Promise<void> {
    const folder = join(this.#root, ownerKey(owner));
    await rm(join(folder, fileName), { force: true }).catch(ignoreMissing);
    await this.#removeEmpty(folder);
  }

  /** Removes those of a batch, whoever owns it, of files that are not there. */
  async removeVoid(batchId: string): Promise<void> {
    for (const key of await readdir(this.#root).catch(ignoreMissing)) {
      for (const fileName of await readdir(join(this.#root, key)).catch(ignoreMissing)) {
        const receipt = isPlainName(fileName) ? await this.#readAt(key, fileName) : undefined;
        if (receipt?.batchId !== batchId) continue;
        if (!(await isThere(join(dirname(this.#root), fileName))))
          await rm(join(this.#root, key, fileName), { force: true });
      }
      await this.#removeEmpty(join(this.#root, key));
    }
  }

  /** All of an owner, one after the other: of any number of files in the same memory. */
  async *list(owner: Owner): AsyncGenerator<{ fileName: string; receipt: Receipt }> {
    const folder = await opendir(join(this.#root, ownerKey(owner))).catch(() => undefined);
    if (!folder) return;
    for await (const entry of folder) {
      const { name: fileName } = entry;
      const receipt = !entry.isDirectory() && isPlainName(fileName) ? await this.read(owner, fileName) : undefined;
      if (receipt) yield { fileName, receipt };
    }
  }

  /** Notes that files of an owner lie in a subfolder, which is there. */
  noteSubfolder(owner: Owner, name: string): Promise<void> {
    return this.#note(ownerKey(owner), name);
  }

  /** Removes every owner's note of a subfolder that is gone, but for one that is made again meanwhile. */
  async forgetSubfolder(name: string): Promise<void> {
    const keys = await readdir(this.#root).catch(ignoreMissing);
    const noted = keys.map((key) => rmdir(join(this.#root, key, name)).then(() => [key], ignoreMissing));
    const forgotten = (await Promise.all(noted)).flat();
    const isMadeAgain = await isThere(join(dirname(this.#root), name));
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
    return isThere(join(this.#root, ownerKey(owner), name));
  }

  /** Names of the subfolders that files of an owner lie in, or of any: as few as there are, whatever the number of files. */
  async subfolders(owner?: Owner): Promise<string[]> {
    const names = new Set<string>();
    for (const key of owner ? [ownerKey(owner)] : await readdir(this.#root).catch(ignoreMissing)) {
      const folder = await opendir(join(this.#root, key)).catch(ignoreMissing);
      for await (const entry of folder) if (entry.isDirectory() && isPlainName(entry.name)) names.add(entry.name);
    }
    return [...names];
  }

  /** A path of its own for a file that is taken out of the folder; the name has the stamp that it must have. */
  async aside({ batchId, sizeBytes, modifiedNs, ...owner }: Receipt): Promise<string> {
    const folder = join(this.#root, ownerKey(owner));
    await this.#inFolder(folder, async () => {});
    return join(folder, `${hiddenPrefix(batchId)}aside-${sizeBytes}-${modifiedNs}-${randomUUID()}`);
  }

  /**
   * Removes what processes that died left half made for a batch. A file that was taken out of the folder goes only if it is
   * the one that was meant.
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
      if (isAbsent(error) || systemCode(error) === "EISDIR") return undefined; // of a folder there is none
      throw error;
    });
    return text === undefined ? undefined : parseReceipt(text);
  }

  /** Does work in a folder that is made where it is missing: others may remove it, empty, at any time. */
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

  /** Nothing is written outside the folder. */
  async #assertNoLink(folder: string): Promise<void> {
    if ((await this.#disk.realpath(folder)) === folder) return;
    throw new PolyreelError("conflict", {
      reason: `${folder} is a symbolic link, or lies behind one.`,
      remedy: "Remove the link: receipts of deliveries are kept there.",
    });
  }

  async #removeEmpty(folder: string): Promise<void> {
    for (const path of [folder, this.#root]) {
      try {
        await rmdir(path);
      } catch {
        return; // something lies in it
      }
    }
  }
}

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    (error: unknown) => {
      if (isAbsent(error)) return false;
      throw error;
    },
  );

function ignoreMissing(error: unknown): never[] {
  if (isAbsent(error)) return [];
  throw error;
}

function ignoreExisting(error: unknown): void {
  if (systemCode(error) !== "EEXIST") throw error;
}
