import type { Layout } from "@polyreel/media/join/layout.js";
import type { PartStore } from "@polyreel/media/parts/part-store.js";

/** Where a file goes, in a destination's own terms. */
export interface Place {
  /** Whose it is: what a batch that died left half made is found by it. */
  readonly batchId: string;
  /** Below the destination's root, segments separated by "/"; "." is the root itself. */
  readonly folder: string;
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
  /** Below the destination's root. */
  readonly path: string;
  /** The folder is another one than that of the batch's files before, or was made now: those files may be gone. */
  readonly inNewFolder: boolean;
}

export type Pieces = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;

/** Somewhere outputs are delivered to. Every file is there whole or not at all; the same file again replaces itself. */
export interface Destination {
  /** Whether it can be reached; false also where nothing was ever delivered to it. */
  isThere(): Promise<boolean>;
  /** Makes a layout real. */
  deliver(layout: Layout, parts: PartStore, place: Place, putting: Putting): Promise<Put>;
  /** Writes a small file, piece by piece. */
  write(pieces: Pieces, place: Place, putting: Putting): Promise<Put>;
  /** Whether there is a file at the path that delivering gave. */
  has(path: string): Promise<boolean>;
  /** Removes a file by the path that delivering gave; nothing happens where it is gone. */
  remove(path: string): Promise<void>;
  /** Removes files of these names from a folder, and the folder itself, where nothing else is left in it. */
  removeRest(folder: string, names: readonly string[]): Promise<void>;
  /** Removes what processes that died left half made of a batch that has ended. */
  removeLeftovers(place: Pick<Place, "batchId" | "folder">): Promise<void>;
}
