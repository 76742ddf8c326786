import { type DriveFile, type DriveFiles, isBinary, isFolder } from "./drive-files.js";
import type { DriveFolders } from "./drive-folders.js";
import { entriesOf, foldersIn, quoted } from "./drive-query.js";
import { FOLDER_MARK, hasBytes, receiptOf } from "./drive-receipt.js";

/** Removes folders that Polyreel created and that have become empty. What is listed is checked: lists may be old. */
export class DriveTidier {
  constructor(
    private readonly files: DriveFiles,
    private readonly folders: DriveFolders,
  ) {}

  /** Empty subfolders, the deepest first. */
  async removeEmptySubfolders(folderId: string): Promise<void> {
    for (const sub of await this.#listed(foldersIn(folderId))) {
      if (!isOurs(sub)) continue;
      await this.removeEmptySubfolders(sub.id);
      await this.#removeIfEmpty(sub.id);
    }
  }

  /** If a folder has only files of these names: those that match their receipts, and the folder. */
  async removeRest(folderId: string, names: readonly string[], isRoot: boolean): Promise<void> {
    await this.removeEmptySubfolders(folderId);
    const rest: DriveFile[] = [];
    for (const entry of await this.#listed(entriesOf(folderId))) {
      const current = await this.#live(entry);
      if (!current) continue;
      if (!isBinary(current) || !names.includes(current.name)) return;
      rest.push(current);
    }
    for (const file of rest) {
      const receipt = receiptOf(file);
      if (receipt && hasBytes(file, receipt)) await this.files.trash(file.id);
    }
    const folder = isRoot ? undefined : await this.files.get(folderId);
    if (folder && isOurs(folder)) await this.#removeIfEmpty(folderId);
  }

  async #removeIfEmpty(folderId: string): Promise<void> {
    for (const entry of await this.#listed(entriesOf(folderId))) if (await this.#live(entry)) return;
    await this.files.trash(folderId);
    this.folders.forget();
    // A file that an uploader created at this moment would be in the trash with the folder.
    for (const { id, explicitlyTrashed } of await this.#listed(`${quoted(folderId)} in parents`)) {
      if (explicitlyTrashed || (await this.files.get(id))?.explicitlyTrashed !== false) continue;
      await this.files.update(folderId, { trashed: false });
      return;
    }
  }

  async #live({ id }: DriveFile): Promise<DriveFile | undefined> {
    const current = await this.files.get(id);
    return current?.trashed ? undefined : current;
  }

  async #listed(search: string): Promise<DriveFile[]> {
    const found: DriveFile[] = [];
    for await (const entry of this.files.list(search, this.folders.driveId)) found.push(entry);
    return found;
  }
}

const isOurs = (folder: DriveFile): boolean =>
  isFolder(folder) && Object.entries(FOLDER_MARK).every(([key, value]) => folder.appProperties?.[key] === value);
