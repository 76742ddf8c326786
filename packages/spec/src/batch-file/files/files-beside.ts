import type { Problem } from "../problem.js";

/** Why something cannot be read. */
export type Unreadable = Pick<Problem, "what" | "remedy">;

/** Kinds of media that a folder can be searched for. */
export type MediaKind = "video" | "image" | "audio";

/** The files beside a batch file. Paths are as written, from the batch file's folder. */
export interface FilesBeside {
  /** The text of a table. */
  readTable(path: string): { readonly text: string } | Unreadable;
  /**
   * The files of a folder that have an extension of these kinds, or that match a pattern with `*` or `?`; sorted by
   * name. Undefined for anything else: a file, or a path where nothing is.
   */
  listFiles(path: string, kinds: readonly MediaKind[]): { readonly files: readonly string[] } | Unreadable | undefined;
}
