import { posix } from "node:path";
import type { Owner } from "../receipt.js";
import { ownerKey } from "../receipt.js";
import { type DriveFile, type DriveFiles, MY_DRIVE } from "./drive-files.js";
import type { DriveFolders } from "./drive-folders.js";
import { withProperties } from "./drive-query.js";
import { BATCH, type DriveReceipt, hasBytes, OWNER, receiptOf } from "./drive-receipt.js";

/** A delivered file below a folder. */
export interface OwnedFile {
  /** Relative to the destination's root. */
  readonly path: string;
  readonly file: DriveFile;
  readonly receipt: DriveReceipt;
  readonly isUnchanged: boolean;
}

interface Deps {
  readonly files: DriveFiles;
  readonly folders: DriveFolders;
}

/**
 * Files of an owner, or of one of its batches, in a folder and its subfolders. Found by their receipts, so that other
 * files, however many there are, are not read.
 */
export async function* ownedFiles(
  of: { readonly folder: string; readonly owner: Owner; readonly batchId?: string },
  { files, folders }: Deps,
): AsyncGenerator<OwnedFile> {
  const top = await folders.find(of.folder);
  if (top === undefined) return;
  const properties = { [OWNER]: ownerKey(of.owner), ...(of.batchId !== undefined && { [BATCH]: of.batchId }) };
  const paths = new FolderPaths(top, files);
  for await (const file of files.list(withProperties(properties), folders.driveId)) {
    const receipt = receiptOf(file);
    const below = await paths.below(file);
    if (!receipt || below === undefined) continue;
    yield { path: posix.join(of.folder, below, file.name), file, receipt, isUnchanged: hasBytes(file, receipt) };
  }
}

/** A path deeper than this is not one of ours. */
const MAX_DEPTH = 100;

/** Paths of folders below one, found upwards from their files. */
class FolderPaths {
  readonly #parents = new Map<string, DriveFile | undefined>();

  constructor(
    private readonly top: string,
    private readonly files: DriveFiles,
  ) {}

  /** Path of the file's folder, relative to the top; undefined if it is elsewhere. */
  async below(file: DriveFile): Promise<string | undefined> {
    const names: string[] = [];
    let parent = file.parents?.[0];
    for (let depth = 0; parent !== undefined && depth < MAX_DEPTH; depth++) {
      if (parent === this.top) return names.reverse().join("/");
      const folder = await this.#get(parent);
      if (folder === undefined) break;
      if (folder.trashed) return undefined;
      names.push(folder.name);
      parent = folder.parents?.[0];
    }
    // My Drive itself may be invisible.
    return this.top === MY_DRIVE ? names.reverse().join("/") : undefined;
  }

  async #get(id: string): Promise<DriveFile | undefined> {
    if (!this.#parents.has(id)) this.#parents.set(id, await this.files.get(id));
    return this.#parents.get(id);
  }
}
