import type { PartKind } from "../parts/part-kind.js";
import type { PartStore } from "../parts/part-store.js";
import { readRange } from "../parts/read-range.js";
import { lostOutput } from "./lost-output.js";

/** Bytes `start` (included) to `end` (not included) of a part's payload. */
export interface PartSegment {
  readonly kind: Extract<PartKind, "clip" | "sound">;
  readonly hash: string;
  readonly start: number;
  end: number;
}

/** The same of a file of the store, for outputs that are too large for memory. */
export interface FileSegment {
  readonly kind: "file";
  /** SHA-256 of the file's bytes. */
  readonly hash: string;
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

export type Segment = PartSegment | FileSegment;

/** Bytes of what a segment is a range of. Throws the PartStore's `unavailable`, and the same where the file is gone. */
export async function readSegment(segment: Segment, start: number, end: number, parts: PartStore): Promise<Buffer> {
  if (segment.kind !== "file") return parts.read(segment.kind, segment.hash, start, end);
  const range = await readRange(segment.path, start, end).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  return range?.length === end - start ? range : lostOutput("file");
}
