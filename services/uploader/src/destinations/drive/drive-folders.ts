import { PolyreelError } from "@polyreel/platform";
import { SharedWork } from "@polyreel/platform/flow";
import { LRUCache } from "lru-cache";
import { isPlainName } from "../plain-name.js";
import { driveError, GONE } from "./drive-faults.js";
import { type DriveFile, type DriveFiles, isAt, isFolder, MY_DRIVE } from "./drive-files.js";
import { namedIn } from "./drive-query.js";
import { FOLDER_MARK } from "./drive-receipt.js";
import { type IdKey, type KeptIds, lastKeptId } from "./kept-ids.js";

/** The folder that a destination's paths begin in. */
export type RootFolder = { readonly id: string } | { readonly path: string } | "root";

export interface FolderOptions {
  /** Name of the destination. */
  readonly destination: string;
  readonly folder: RootFolder;
  /** Id of a shared drive. */
  readonly sharedDrive?: string | undefined;
}

export interface EnteredFolder {
  readonly id: string;
  /** Relative to the root: the highest folder that was created and may have had files before; undefined if none. */
  readonly newFolder: string | undefined;
}

/** A folder in which something was to be created does not exist any more: its id must be found again. */
export class FolderGone extends Error {
  override readonly name = "FolderGone";
}

interface Child {
  readonly id: string;
  readonly made: boolean;
}

/** Limit of remembered folders, by last use. */
const MAX_KNOWN = 10_000;

/**
 * Finds and creates folders by path. Drive allows several folders of one name; so the id of a folder is recorded before
 * the folder is created, and of several existing ones the oldest is used.
 */
export class DriveFolders {
  readonly #ids = new LRUCache<string, string>({ max: MAX_KNOWN });
  /** Paths that this process has entered, also if they are gone since. */
  readonly #entered = new LRUCache<string, true>({ max: MAX_KNOWN });
  readonly #entering = new SharedWork<Child>();
  #driveId: string | undefined;

  constructor(
    private readonly files: DriveFiles,
    private readonly ids: KeptIds,
    private readonly options: FolderOptions,
  ) {
    this.#driveId = options.sharedDrive;
  }

  /** The shared drive to search in, as far as known: undefined for My Drive. */
  get driveId(): string | undefined {
    return this.#driveId;
  }

  /** Forgets all ids: a folder may have been removed or replaced. */
  forget(): void {
    this.#ids.clear();
  }

  /** Whether the root exists, or can be created. Throws PolyreelError if Drive cannot be used. */
  async isReachable(): Promise<boolean> {
    const { folder, sharedDrive } = this.options;
    const isGiven = folder !== "root" && "id" in folder;
    const id = isGiven ? folder.id : await this.#root(false);
    const found = id === undefined ? undefined : await this.files.get(id);
    if (found && !found.trashed) return true;
    this.forget();
    // One given by path is created by the next delivery, and My Drive may be invisible.
    return !isGiven && (folder !== "root" || sharedDrive === undefined);
  }

  /** The id of a folder below the root, or of the root (`.`); undefined if it is missing. */
  async find(path: string, signal?: AbortSignal): Promise<string | undefined> {
    const names = namesIn(path);
    let parent = await this.#root(false, signal);
    for (const [i, name] of names.entries()) {
      if (parent === undefined) return undefined;
      const at = names.slice(0, i + 1).join("/");
      const known: string | undefined = this.#ids.get(at);
      parent = known ?? (await this.#child(parent, name, false, signal))?.id;
      if (parent !== undefined) this.#ids.set(at, parent);
    }
    return parent;
  }

  /** The same, creating missing folders. Throws FolderGone, or PolyreelError if the root is gone. */
  async enter(folder: string, subfolders: readonly string[], signal: AbortSignal): Promise<EnteredFolder> {
    const names = [...namesIn(folder), ...subfolders];
    let id = await this.#root(true, signal);
    let newFolder: string | undefined;
    for (const [i, name] of names.entries()) {
      const at = names.slice(0, i + 1).join("/");
      const parent = id;
      const known = this.#ids.get(at);
      const child = known
        ? { id: known, made: false }
        : await this.#entering.do(at, signal, (shared) => this.#child(parent, name, true, shared));
      // A new subfolder had no files, unless this process has been in it.
      if (child.made && (i < namesIn(folder).length || this.#entered.has(at))) newFolder ??= at;
      this.#ids.set(at, child.id);
      this.#entered.set(at, true);
      id = child.id;
    }
    return { id, newFolder };
  }

  #root(create: true, signal?: AbortSignal): Promise<string>;
  #root(create: boolean, signal?: AbortSignal): Promise<string | undefined>;
  async #root(create: boolean, signal?: AbortSignal): Promise<string | undefined> {
    const known = this.#ids.get(".");
    if (known !== undefined) return known;
    const { folder } = this.options;
    const id = await (folder === "root"
      ? this.#base(signal)
      : "id" in folder
        ? this.#given(folder.id, signal)
        : this.#below(folder.path, create, signal));
    if (id !== undefined) this.#ids.set(".", id);
    return id;
  }

  async #base(signal?: AbortSignal): Promise<string> {
    return this.options.sharedDrive ?? (await this.files.get(MY_DRIVE, signal))?.id ?? MY_DRIVE;
  }

  async #given(id: string, signal?: AbortSignal): Promise<string> {
    const found = await this.files.get(id, signal);
    if (!found || found.trashed) throw driveError(this.options.destination, GONE);
    if (!isFolder(found)) {
      throw new PolyreelError("precondition", {
        reason: `The folder of the destination ${JSON.stringify(this.options.destination)} on Google Drive is a file.`,
        remedy: "Give the id of a folder: the last part of its address in the browser.",
      });
    }
    this.#driveId ??= found.driveId;
    return found.id;
  }

  async #below(path: string, create: boolean, signal?: AbortSignal): Promise<string | undefined> {
    let id = await this.#base(signal);
    for (const name of path.split("/").filter(Boolean)) {
      const found: Child | undefined = await this.#child(id, name, create, signal);
      if (!found) return undefined;
      id = found.id;
    }
    return id;
  }

  #child(parent: string, name: string, create: true, signal?: AbortSignal): Promise<Child>;
  #child(parent: string, name: string, create: boolean, signal?: AbortSignal): Promise<Child | undefined>;
  async #child(parent: string, name: string, create: boolean, signal?: AbortSignal): Promise<Child | undefined> {
    const spot = { folderId: parent, name };
    const listed = await this.#oldest(spot, signal);
    if (listed) return { id: listed, made: false };
    const key = { batch: undefined, destination: this.options.destination, ...spot };
    const last = await lastKeptId(this.ids, key);
    // Lists may not have it yet.
    const found = last.id === undefined ? undefined : await this.files.get(last.id, signal);
    if (isAt(found, spot)) return { id: found.id, made: false };
    if (!create) return undefined;
    return this.#make({ ...key, number: found ? last.number + 1 : last.number }, signal);
  }

  async #oldest({ folderId, name }: { folderId: string; name: string }, signal?: AbortSignal) {
    let oldest: DriveFile | undefined;
    for await (const one of this.files.list(namedIn(folderId, name), this.#driveId, signal)) {
      if (!isFolder(one) || one.name !== name) continue;
      if (!oldest || (one.createdTime ?? "") < (oldest.createdTime ?? "")) oldest = one;
    }
    return oldest?.id;
  }

  async #make(key: IdKey, signal?: AbortSignal): Promise<Child> {
    const spot = { folderId: key.folderId, name: key.name };
    for (let number = key.number; ; number++) {
      const known = await this.ids.find({ ...key, number });
      const id = known ?? (await this.ids.keep({ ...key, number }, await this.files.newId(signal)));
      const made = await this.files.createFolder(
        { id, name: key.name, parents: [key.folderId], appProperties: FOLDER_MARK },
        signal,
      );
      if (made === "no parent") throw new FolderGone();
      if (made !== "taken") {
        if (made.trashed) throw new FolderGone();
        return { id, made: true };
      }
      // Another uploader was faster, or the folder was removed since.
      if (isAt(await this.files.get(id, signal), spot)) return { id, made: false };
    }
  }
}

/** Names of the folders of a path. Throws PolyreelError `invalid`. */
function namesIn(path: string): string[] {
  const names = path === "." ? [] : path.split("/");
  if (names.every(isPlainName)) return names;
  throw new PolyreelError("invalid", {
    reason: `${JSON.stringify(path.slice(0, 80))} is not a folder below the destination's folder.`,
    remedy: 'Use a folder such as "spring/sale", or "." for the destination\'s folder itself.',
  });
}
