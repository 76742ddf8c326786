import type { Owner, Receipt } from "./receipt.js";
import type { Source } from "./source.js";

/** Where a file goes, in a destination's own terms. */
export interface Place {
  /** Which batch's it is: what a batch that died left half made is found by it. */
  readonly batchId: string;
  /** Of the combination, from 1; 0 for lists of files. */
  readonly attempt: number;
  /** Whose it is. */
  readonly owner: Owner;
  /** Files of somebody else are written over. */
  readonly overwrite: boolean;
  /** Below the destination's root, in the tenant's folder; segments separated by "/"; "." is the root itself. */
  readonly folder: string;
  /** Below the folder: with subfolders, where it has an exact key in one. */
  readonly fileName: string;
}

/** How a file is put there. */
export interface Putting {
  readonly signal: AbortSignal;
  /** Throws where it is not wanted any more; asked at first, and just before and after the file becomes visible. */
  readonly fence?: () => Promise<void>;
}

/** A file that was put somewhere. */
export interface Put {
  /** Below the destination's root, the tenant's folder included. */
  readonly path: string;
  /**
   * Below the root: a folder that is another one than that of the batch's files before, or was made now: those in it may be gone.
   */
  readonly newFolder: string | undefined;
}

/** What became of a file that was to be removed: changed ones, and those of others, stay. */
export type Removal = "removed" | "gone" | "changed" | "others";

/** A file of an earlier batch. */
export interface DroppedFile {
  readonly path: string;
  readonly receipt: Receipt;
}

/** Whether a file without a receipt is the one that was delivered: of a release that wrote none. */
export type IsDelivered = (path: string) => Promise<boolean>;

/**
 * Somewhere outputs are delivered to. Every file is there whole or not at all; the same file again is left as it is, another
 * one of the same owner replaces it, and what is somebody else's is neither written over nor removed.
 */
export interface Destination {
  /** Whether it can be reached; false also where nothing was ever delivered to it. */
  isThere(): Promise<boolean>;
  /** Delivers a file. Throws PolyreelError `conflict` where a file of somebody else has the name. */
  put(source: Source, place: Place, putting: Putting): Promise<Put>;
  /** Whether there is a file at the path that `put` gave. */
  has(path: string): Promise<boolean>;
  /**
   * Takes what a release without receipts delivered into a folder for an owner, by the manifest that lies there, as the owner's. The
   * other calls that name an owner do so by themselves.
   */
  recogniseFormer(folder: string, owner: Owner): Promise<void>;
  /** Of these names those that somebody else's files have; undefined where the folder has no files at all. */
  foreign(place: Omit<Place, "fileName">, names: readonly string[]): Promise<ForeignName[] | undefined>;
  /** Removes a file of a batch by the path that `put` gave, if it still is what was delivered. */
  remove(path: string, batchId: string, isDelivered?: IsDelivered): Promise<Removal>;
  /**
   * Removes what receipts name as a batch's in a folder and its subfolders and is unchanged, but for these paths: also what its
   * uploader had delivered and not yet published when it died.
   */
  removeAllOf(of: { folder: string; owner: Owner; batchId: string }, kept: ReadonlySet<string>): Promise<void>;
  /**
   * Removes files of these names from a folder, as their receipts state them, and the folder, where nothing else is left in
   * it; before, subfolders that files with exact keys left empty. For the batch that is deleted.
   */
  removeRest(folder: string, names: readonly string[], batchId: string): Promise<void>;
  /** Removes subfolders that files with exact keys left empty. */
  removeEmptySubfolders(folder: string, batchId: string): Promise<void>;
  /** Removes what processes that died left half made of a batch that has ended, also in subfolders. */
  removeLeftovers(place: { readonly batchId: string; readonly folder: string }): Promise<void>;
  /** What batches of an owner delivered into a folder and its subfolders, but for these batches, and is still there unchanged. */
  dropped(folder: string, owner: Owner, batchIds: ReadonlySet<string>): AsyncIterable<DroppedFile>;
}

export interface ForeignName {
  readonly name: string;
  /** The batch that delivered it; empty where no receipt names one. */
  readonly batch: string;
}
