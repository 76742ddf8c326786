import type { Probe } from "../probe/parse.js";

/** A media file and what it is. */
export interface MediaFile {
  readonly path: string;
  readonly probe: Probe;
}

export interface OperationWork {
  readonly signal: AbortSignal;
  /** For files in the making. */
  readonly tempDir: string;
}
