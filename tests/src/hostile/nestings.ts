import type { Trap } from "./traps.js";

/** A box of an MP4. `size` to state a false one. */
export function box(type: string, body: Buffer, size = body.length + 8): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(size);
  head.write(type, 4, "latin1");
  return Buffer.concat([head, body]);
}

/** Depth of nested boxes: exhausts the stack of recursive parsers. */
const DEPTH = 20_000;
/** Tracks of one file. */
const TRACKS = 4_000;

const FTYP = box("ftyp", Buffer.from("isom\0\0\0\0isom"));

/** Attacks by file structure. */
export const nestings = (): Trap[] => [
  { name: "moovs.mp4", bytes: Buffer.concat([FTYP, nested("moov")]) },
  { name: "traks.mp4", bytes: Buffer.concat([FTYP, box("moov", nested("trak"))]) },
  { name: "udtas.mov", bytes: Buffer.concat([FTYP, box("moov", nested("udta"))]) },
  { name: "endless.mp4", bytes: Buffer.concat([FTYP, box("moov", box("trak", Buffer.alloc(64), 0), 0)]) },
  { name: "claims.mp4", bytes: Buffer.concat([FTYP, box("moov", Buffer.alloc(64), 0xfffffff0)]) },
  { name: "many.mp4", bytes: manyTracks() },
  { name: "lists.avi", bytes: nestedLists() },
  { name: "deep.mkv", bytes: nestedElements() },
];

/** Each box contains only the next one. Written from the outside, because nesting 20,000 buffers takes long. */
function nested(type: string): Buffer {
  const all = Buffer.alloc(8 * DEPTH);
  for (let i = 0; i < DEPTH; i++) {
    all.writeUInt32BE(8 * (DEPTH - i), 8 * i);
    all.write(type, 8 * i + 4, "latin1");
  }
  return all;
}

/** An MP4 of 4,000 tracks. */
export const manyTracks = (): Buffer =>
  Buffer.concat([FTYP, box("moov", Buffer.concat(Array<Buffer>(TRACKS).fill(emptyTrack())))]);

const emptyTrack = (): Buffer => box("trak", box("mdia", box("minf", box("stbl", Buffer.alloc(0)))));

function nestedLists(): Buffer {
  const all = Buffer.alloc(12 * DEPTH);
  for (let i = 0; i < DEPTH; i++) {
    all.write(i === 0 ? "RIFF" : "LIST", 12 * i, "latin1");
    all.writeUInt32LE(12 * (DEPTH - i) - 8, 12 * i + 4);
    all.write(i === 0 ? "AVI " : "hdrl", 12 * i + 8, "latin1");
  }
  return all;
}

/** EBML: a segment, then nested tags (SimpleTag, 0x67C8), each of unknown size. */
function nestedElements(): Buffer {
  const head = Buffer.from("1a45dfa3934282886d6174726f736b61428781044285810218538067ff1254c367ff7373ff", "hex");
  return Buffer.concat([head, Buffer.concat(Array<Buffer>(DEPTH).fill(Buffer.from("67c8ff", "hex")))]);
}
