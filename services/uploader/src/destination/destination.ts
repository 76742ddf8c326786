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

export type Pieces = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;

/** Somewhere outputs are delivered to. Every file is there whole or not at all; the same file again replaces itself. */
export interface Destination {
  /** Makes a layout real; gives the file's path below the destination's root. */
  deliver(layout: Layout, parts: PartStore, place: Place, signal: AbortSignal): Promise<string>;
  /** Writes a small file, piece by piece; gives its path below the destination's root. */
  write(pieces: Pieces, place: Place, signal: AbortSignal): Promise<string>;
  /** Removes a file by the path that delivering gave; nothing happens where it is gone. */
  remove(path: string): Promise<void>;
  /** Removes files of these names from a folder, and the folder itself, where nothing else is left in it. */
  removeRest(folder: string, names: readonly string[]): Promise<void>;
  /** Removes what processes that died left half made of a batch that has ended. */
  removeLeftovers(place: Pick<Place, "batchId" | "folder">): Promise<void>;
}
