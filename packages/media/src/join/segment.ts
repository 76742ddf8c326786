import { lostOutput } from "./lost-output.js";

/** Reads the payloads of the parts that outputs are joined of. */
export interface PartReader {
  /** Bytes `start` (included) to `end` (not included). Throws PolyreelError `unavailable` where the part is damaged or gone. */
  read(kind: PartSegment["kind"], hash: string, start: number, end: number): Promise<Buffer>;
  /** The same of an object of the store, or undefined where it is gone; less where it ends before. */
  readObject(key: string, start: number, end: number): Promise<Buffer | undefined>;
}

/** Bytes `start` (included) to `end` (not included) of a part's payload. */
export interface PartSegment {
  readonly kind: "clip" | "sound";
  readonly hash: string;
  readonly start: number;
  end: number;
}

/** The same of an object of the store, for outputs that are too large for memory. */
export interface FileSegment {
  readonly kind: "file";
  /** SHA-256 of its bytes. */
  readonly hash: string;
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

export type Segment = PartSegment | FileSegment;

/** Bytes of what a segment is a range of. Throws the PartReader's `unavailable`, and the same where the object is gone. */
export async function readSegment(segment: Segment, start: number, end: number, parts: PartReader): Promise<Buffer> {
  if (segment.kind !== "file") return parts.read(segment.kind, segment.hash, start, end);
  const range = await parts.readObject(segment.key, start, end);
  return range?.length === end - start ? range : lostOutput("file");
}
