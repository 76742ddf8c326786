import { lostOutput } from "./lost-output.js";

/** Reads the payloads of the parts that outputs consist of. */
export interface PartReader {
  /** Bytes `start` (inclusive) to `end` (exclusive). Throws PolyreelError `unavailable` if the part is damaged or missing. */
  read(kind: PartSegment["kind"], hash: string, start: number, end: number): Promise<Buffer>;
  /** The same for an object of the store: fewer bytes if it ends earlier, undefined if it is missing. */
  readObject(key: string, start: number, end: number): Promise<Buffer | undefined>;
}

/** Bytes `start` (inclusive) to `end` (exclusive) of a part's payload. */
export interface PartSegment {
  readonly kind: "clip" | "sound" | "image" | "rendition";
  readonly hash: string;
  readonly start: number;
  end: number;
}

/** Bytes between parts: headers of packets. */
export interface LiteralSegment {
  readonly kind: "literal";
  readonly bytes: Buffer;
  /** 0. */
  readonly start: number;
  readonly end: number;
}

/** The same as of a part for an object of the store, for outputs that are too large for memory. */
export interface FileSegment {
  readonly kind: "file";
  /** SHA-256 of its bytes. */
  readonly hash: string;
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

export type Segment = PartSegment | FileSegment | LiteralSegment;

/** Reads a range of a segment. Throws the PartReader's `unavailable`, also if the object is gone. */
export async function readSegment(segment: Segment, start: number, end: number, parts: PartReader): Promise<Buffer> {
  if (segment.kind === "literal") return segment.bytes.subarray(start, end);
  if (segment.kind !== "file") return parts.read(segment.kind, segment.hash, start, end);
  const range = await parts.readObject(segment.key, start, end);
  return range?.length === end - start ? range : lostOutput("file");
}
