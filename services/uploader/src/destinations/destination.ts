import type { Owner, Receipt } from "./receipt.js";
import type { Source } from "./source.js";

/** Path and owner of a file in a destination. */
export interface Place {
  /** Its batch: incomplete files of dead processes are found by it. */
  readonly batchId: string;
  /** Of the combination, from 1; 0 for lists of files. */
  readonly attempt: number;
  readonly owner: Owner;
  /** Whether foreign files may be overwritten. */
  readonly overwrite: boolean;
  /** Relative to the destination's root, in the tenant's folder; segments separated by "/"; "." is the root itself. */
  readonly folder: string;
  /** Relative to the folder; an exact key may include subfolders. */
  readonly fileName: string;
  /** For destinations that keep objects. */
  readonly settings?: ObjectSettings;
}

/** Settings of delivered objects, as their batch asks for them. */
export interface ObjectSettings {
  /** Instead of the output's own content type. */
  readonly contentType?: string;
  readonly contentDisposition?: string;
  readonly cacheControl?: string;
  /** As the server names it: `STANDARD_IA`. */
  readonly storageClass?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Whether everybody may read it. */
  readonly public?: boolean;
}

/** Options of `put`. */
export interface PutOptions {
  readonly signal: AbortSignal;
  /** Throws if the file is no longer wanted; called first, and right before and after the file becomes visible. */
  readonly fence?: () => Promise<void>;
}

/** A delivered file. */
export interface PutResult {
  /** Relative to the destination's root, including the tenant's folder. */
  readonly path: string;
  /** Whether the destination keeps it for sure; a file in a folder may vanish with its folder. */
  readonly isKept: boolean;
  /** Address of the file for people and programs, where the destination has one: `s3://ads/spring/a.mp4`. */
  readonly location?: string;
  /**
   * Relative to the root: a folder that was replaced since the batch's earlier files, or has just been created: earlier
   * files in it may be lost.
   */
  readonly newFolder: string | undefined;
}

/** Outcome of removing a file: changed files, and those of others, are kept. */
export type Removal = "removed" | "gone" | "changed" | "others";

/** A file of an earlier batch. */
export interface DroppedFile {
  readonly path: string;
  readonly receipt: Receipt;
}

/** Whether a file without a receipt, from a release that wrote none, is the delivered one. */
export type IsDelivered = (path: string) => Promise<boolean>;

/**
 * A destination of outputs. Files appear complete or not at all; an identical file is left unchanged, another one of
 * the same owner is replaced, and foreign files are neither overwritten nor removed.
 */
export interface Destination {
  /** Whether it is reachable; false also before the first delivery to it. Of several, the one with this folder. */
  exists(folder?: string): Promise<boolean>;
  /** Delivers a file. Throws PolyreelError `conflict` if a foreign file has the name. */
  put(source: Source, place: Place, options: PutOptions): Promise<PutResult>;
  /** Whether a file exists at a path that `put` returned. */
  has(path: string): Promise<boolean>;
  /** A link to a file that was delivered, for anyone who has it; undefined if only gateways make links to it. */
  link?(path: string, lifetimeMs: number): Promise<string | undefined>;
  /**
   * Assigns files that a release without receipts delivered into a folder to the owner, by the folder's manifest. The
   * other calls with an owner do this themselves.
   */
  recogniseFormer(folder: string, owner: Owner): Promise<void>;
  /** Which of these names belong to foreign files; undefined if the folder has no files at all. */
  foreign(place: Omit<Place, "fileName">, names: readonly string[]): Promise<ForeignName[] | undefined>;
  /** Removes a batch's file at a path that `put` returned, if it is unchanged since delivery. */
  remove(path: string, batchId: string, isDelivered?: IsDelivered): Promise<Removal>;
  /**
   * Removes all unchanged files of a batch from a folder and its subfolders by their receipts, except for these paths:
   * including files whose uploader died between delivery and publishing.
   */
  removeAllOf(of: { folder: string; owner: Owner; batchId: string }, kept: ReadonlySet<string>): Promise<void>;
  /**
   * Removes empty subfolders of files with exact keys; then, if only files of these names are left, those that match
   * their receipts, and the folder. For a batch that is deleted.
   */
  removeRest(folder: string, names: readonly string[], batchId: string): Promise<void>;
  /** Removes empty subfolders of files with exact keys. */
  removeEmptySubfolders(folder: string, batchId: string): Promise<void>;
  /** Removes incomplete files that dead processes left of an ended batch, also in subfolders. */
  removeLeftovers(place: { readonly batchId: string; readonly folder: string }): Promise<void>;
  /** Unchanged files that an owner's batches, except for these, delivered into a folder and its subfolders. */
  dropped(folder: string, owner: Owner, batchIds: ReadonlySet<string>): AsyncIterable<DroppedFile>;
}

export interface ForeignName {
  readonly name: string;
  /** The batch that delivered it; empty if no receipt names one. */
  readonly batch: string;
}
