import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join, posix } from "node:path";
import { toPolyreelError } from "@polyreel/platform";
import { undefinedIfAbsent } from "@polyreel/platform/files";
import { LRUCache } from "lru-cache";
import type { Place, PutOptions, PutResult } from "../destination.js";
import { hiddenPrefix, plainPath } from "../plain-name.js";
import type { Owner } from "../receipt.js";
import type { Source } from "../source.js";
import { isOfTenant, notOfTenant } from "../tenant-folder.js";
import { type Disk, diskOf } from "./disk.js";
import { isDelivered, putFile } from "./put-file.js";
import { Receipts, receiptsOf } from "./receipts.js";
import { type EnteredPath, enterPath, leavePath } from "./subfolders.js";

/** Limit of remembered folders, by last use. */
const MAX_KNOWN_FOLDERS = 1000;

/** A folder with receipts of a batch's files. */
interface KnownFolder {
  readonly path: string;
  readonly disk: Disk;
  /** The receipts' folder, by real path. */
  readonly receipts: string;
  /** The same, relative to the root: it resolves differently once a folder on the path was replaced. */
  readonly receiptsByRoot: string;
}

interface EnteredFolder extends EnteredPath {
  readonly disk: Disk;
  /** The folder with receipts of the batch's earlier files. */
  readonly receipts: string | undefined;
  /** Whether the folder was replaced since the batch's earlier files. */
  readonly isReplaced: boolean;
}

/** Puts files into folders below a root: writes each under a hidden name, and then renames it atomically. */
export class FolderWriter {
  /** Folders by batch, owner and path. */
  readonly #known = new LRUCache<string, KnownFolder>({ max: MAX_KNOWN_FOLDERS });

  /** `recogniseFormer`: writes receipts for files that a release without receipts delivered into a folder. */
  constructor(
    private readonly root: string,
    private readonly recogniseFormer: (path: string, owner: Owner) => Promise<void>,
  ) {}

  async put(source: Source, place: Place, { fence, signal }: PutOptions): Promise<PutResult> {
    const { batchId, owner, folder, fileName } = place;
    const { subfolders, fileName: name } = plainPath(fileName);
    const inside = posix.join(folder, ...subfolders);
    if (!isOfTenant(owner.tenant, inside)) throw notOfTenant(inside);
    await fence?.();
    const entered = await this.#enter(place, subfolders);
    const { path, disk } = entered;
    // Releases without receipts had no subfolders.
    if (!entered.made && subfolders.length === 0) await this.recogniseFormer(path, owner);
    const hidden = `${path}/${hiddenPrefix(batchId)}${randomUUID()}`;
    const receipts = new Receipts(path, { disk, reached: entered.receipts });
    const wanted = { ...place, folder: path, disk, fileName: name };
    try {
      if (source.content === undefined || !(await isDelivered(wanted, source.content, receipts))) {
        let content = "";
        const stats = await disk.write(hidden, async (file) => {
          content = await source.write(file, signal);
        });
        await fence?.();
        await putFile({ path: hidden, content, stats }, wanted, receipts, signal);
      }
    } catch (error) {
      await rm(hidden, { force: true }).catch(() => {}); // The first error is thrown.
      await leavePath(entered);
      throw error;
    }
    if (entered.receipts === undefined) {
      const receiptsByRoot = receiptsOf(join(this.root, inside), owner);
      this.#known.set(knownKey(batchId, owner, inside), {
        path,
        disk,
        receipts: receiptsOf(path, owner),
        receiptsByRoot,
      });
    }
    await fence?.().catch(async (error: unknown) => {
      // Only for a deleted batch: if another batch has its id by now, the file may belong to that one.
      if (toPolyreelError(error).code === "not_found") {
        await rm(join(path, name), { force: true });
        await receipts.remove(owner, name);
      }
      throw error;
    });
    return {
      path: posix.join(folder, fileName),
      newFolder: entered.newFolder ?? (entered.isReplaced ? inside : undefined),
      isKept: false,
    };
  }

  /**
   * Enters the folder of a file. If the receipts of the batch's earlier files are still in it, it is the same folder,
   * with no link leading outside: one call checks that. If they are gone, the folder was replaced.
   */
  async #enter({ batchId, owner, folder }: Place, subfolders: readonly string[]): Promise<EnteredFolder> {
    const inside = posix.join(folder, ...subfolders);
    const key = knownKey(batchId, owner, inside);
    const known = this.#known.get(key);
    if (known && (await isReached(known))) {
      return { ...known, made: false, newFolder: undefined, steps: [], isReplaced: false };
    }
    this.#known.delete(key);
    const entered = await enterPath(this.root, folder, subfolders, owner);
    return { ...entered, disk: await diskOf(entered.path), receipts: undefined, isReplaced: known !== undefined };
  }
}

const knownKey = (batchId: string, { tenant, name }: Owner, folder: string): string =>
  JSON.stringify([batchId, tenant, name, folder]);

const isReached = async ({ receipts, receiptsByRoot, disk }: KnownFolder): Promise<boolean> =>
  (await disk.realpath(receiptsByRoot).catch(undefinedIfAbsent)) === receipts;
