import type { Probe } from "../probe/parse.js";

/** A media file and its probe. */
export interface MediaFile {
  readonly path: string;
  readonly probe: Probe;
}

export interface OperationWork {
  readonly signal: AbortSignal;
  /** Folder for temporary files. */
  readonly tempDir: string;
}
