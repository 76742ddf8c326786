import { type FileHandle, open } from "node:fs/promises";

/** Truncated within its content, or within the tables that locate it. */
export type BreaksOff = "content" | "index" | false;

/**
 * Whether a file is truncated, as after an interrupted download: its last box (MP4), its segment (Matroska) or its
 * chunk (AVI, WAV) should extend further. Undefined if the container does not show that.
 *
 * @param container ffmpeg's name of it
 */
export async function breaksOff(path: string, container: string): Promise<BreaksOff | undefined> {
  const ends = ENDS.find(([name]) => name.test(container))?.[1];
  if (!ends) return undefined;
  await using file = await open(path, "r");
  const { size } = await file.stat();
  const end = await ends(file, size);
  if (end === undefined) return undefined;
  if (end <= size) return false;
  return MOVIE.test(container) && (await lastBox(file, size)) === "moov" ? "index" : "content";
}

/** Stated end of a file's content in bytes; undefined if it is not stated. */
type Ends = (file: FileHandle, size: number) => Promise<number | undefined>;

const MOVIE = /^mov/;

const ENDS: readonly [RegExp, Ends][] = [
  [MOVIE, boxesEnd],
  [/^matroska/, segmentEnd],
  [/^(avi|wav)$/, chunksEnd],
];

/** Bound for top-level boxes: fragments are about two a second. */
const MAX_BOXES = 1_000_000;

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

/** ISO/IEC 14496-12, 4.2: size, type; size 1: a larger one follows; size 0: to the end of the file. */
async function boxesEnd(
  file: FileHandle,
  size: number,
  begin: (box: number) => void = () => {},
): Promise<number | undefined> {
  let position = 0;
  for (let boxes = 0; position < size && boxes < MAX_BOXES; boxes++) {
    begin(position);
    const head = await read(file, position, 16);
    if (head.length < 8) return position; // Too short for a box: padding.
    const short = head.readUInt32BE(0);
    if (short === 0) return size;
    const length = short === 1 && head.length === 16 ? Number(head.readBigUInt64BE(8)) : short;
    if (length < 8) return undefined;
    position += length;
  }
  return position;
}

/** Type of the last box in the file. */
async function lastBox(file: FileHandle, size: number): Promise<string> {
  let last = 0;
  await boxesEnd(file, size, (box) => {
    last = box;
  });
  return (await read(file, last + 4, 4)).toString("latin1");
}

const EBML = 0x1a45dfa3;
const SEGMENT = 0x18538067;

/** RFC 8794: an element's id, its size, its content. Live recordings leave the segment's size open. */
async function segmentEnd(file: FileHandle): Promise<number | undefined> {
  let position = 0;
  for (const id of [EBML, SEGMENT]) {
    const head = await read(file, position, 12);
    const size = head.length >= 6 && head.readUInt32BE(0) === id ? ebmlSize(head.subarray(4)) : undefined;
    if (!size || size.value === undefined) return undefined;
    position += 4 + size.bytes + size.value;
  }
  return position;
}

/** `value` is undefined if unknown. */
function ebmlSize(bytes: Buffer): { bytes: number; value: number | undefined } | undefined {
  const length = Math.clz32((bytes[0] ?? 0) << 24) + 1;
  if (length > 8 || bytes.length < length) return undefined;
  let value = BigInt((bytes[0] ?? 0) & (0xff >> length));
  for (const byte of bytes.subarray(1, length)) value = (value << 8n) | BigInt(byte);
  const unknown = value === (1n << BigInt(7 * length)) - 1n;
  return { bytes: length, value: unknown ? undefined : Number(value) };
}

/** RIFF: AVI beyond a gigabyte has several chunks. Live recordings have no size. */
async function chunksEnd(file: FileHandle, size: number): Promise<number | undefined> {
  let position = 0;
  while (position < size) {
    const head = await read(file, position, 8);
    if (head.length < 8 || head.toString("latin1", 0, 4) !== "RIFF") return position > 0 ? position : undefined;
    const length = head.readUInt32LE(4);
    if (length === 0 || length === 0xffffffff) return undefined;
    position += 8 + length;
  }
  return position;
}
