import { readRange } from "@polyreel/platform/files";
import { lostOutput } from "./lost-output.js";

/** Reads the payloads of the parts that outputs are joined of. */
export interface PartReader {
  /** Bytes `start` (included) to `end` (not included). Throws PolyreelError `unavailable` where the part is damaged or gone. */
  read(kind: PartSegment["kind"], hash: string, start: number, end: number): Promise<Buffer>;
}

/** Bytes `start` (included) to `end` (not included) of a part's payload. */
export interface PartSegment {
  readonly kind: "clip" | "sound";
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

/** Bytes of what a segment is a range of. Throws the PartReader's `unavailable`, and the same where the file is gone. */
export async function readSegment(segment: Segment, start: number, end: number, parts: PartReader): Promise<Buffer> {
  if (segment.kind !== "file") return parts.read(segment.kind, segment.hash, start, end);
  const range = await readRange(segment.path, start, end).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  return range?.length === end - start ? range : lostOutput("file");
}
