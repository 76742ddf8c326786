import type { Random } from "../property/random.js";

/** Changed bytes, with a description. */
export interface Mutant {
  readonly bytes: Buffer;
  readonly how: string;
}

type Mutation = (bytes: Buffer, random: Random) => Mutant | undefined;

/** Numbers that overflow sums, products and loops. */
const EXTREMES = [0, 1, 0x7f, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff] as const;
/** Where containers and codecs identify themselves. */
const HEADER_BYTES = 256;

const flipBits: Mutation = (bytes, random) => {
  const count = random.pick([1, 4, 32, 256, 2048] as const);
  for (let i = 0; i < count; i++) {
    const at = random.whole(0, bytes.length - 1);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.whole(0, 7));
  }
  return { bytes, how: `${count} bits flipped` };
};

const editHeader: Mutation = (bytes, random) => {
  const count = random.whole(1, 8);
  for (let i = 0; i < count; i++)
    bytes[random.whole(0, Math.min(HEADER_BYTES, bytes.length) - 1)] = random.whole(0, 255);
  return { bytes, how: `${count} bytes of its header changed` };
};

const truncate: Mutation = (bytes, random) => {
  const kept = Math.max(1, Math.floor(bytes.length * random.next()));
  return random.chance(0.8)
    ? { bytes: bytes.subarray(0, kept), how: `cut after ${kept} bytes` }
    : { bytes: bytes.subarray(bytes.length - kept), how: `without its first ${bytes.length - kept} bytes` };
};

const fill: Mutation = (bytes, random) => {
  const start = random.whole(0, bytes.length - 1);
  const end = Math.min(bytes.length, start + random.pick([4, 64, 4096, 65536] as const));
  const value = random.pick([0, 0xff, 0x41] as const);
  return { bytes: bytes.fill(value, start, end), how: `bytes ${start} to ${end} are ${value}` };
};

const repeat: Mutation = (bytes, random) => {
  const start = random.whole(0, bytes.length - 1);
  const piece = bytes.subarray(start, start + random.whole(1, 8192));
  const copies = Array<Buffer>(random.whole(1, 20)).fill(piece);
  const all = Buffer.concat([bytes.subarray(0, start), ...copies, bytes.subarray(start)]);
  return { bytes: all, how: `${piece.length} bytes from ${start} on, ${copies.length} times more` };
};

const extremeNumber: Mutation = (bytes, random) => {
  if (bytes.length < 8) return undefined;
  const at = random.whole(0, Math.min(bytes.length - 4, random.chance(0.5) ? HEADER_BYTES : bytes.length - 4));
  const value = random.pick(EXTREMES);
  bytes.writeUInt32BE(value, at);
  return { bytes, how: `${value} at ${at}` };
};

/** Boxes whose numbers determine lengths, sizes and positions (ISO/IEC 14496-12). */
const BOXES = [
  ...["ftyp", "moov", "mvhd", "trak", "tkhd", "edts", "elst", "mdia", "mdhd", "hdlr", "minf", "dinf", "dref", "stbl"],
  ...["stsd", "stts", "ctts", "stss", "stsc", "stsz", "stco", "co64", "avc1", "avcC", "mp4a", "esds", "udta", "mdat"],
];

/** A box's size, or a number in it. Makes pictures of absurd sizes and films of absurd lengths. */
const boxNumber: Mutation = (bytes, random) => {
  const found = random.shuffled(BOXES).map((name) => ({ name, at: bytes.indexOf(name, 0, "latin1") }));
  const box = found.find(({ at }) => at >= 4 && at + 44 < bytes.length);
  if (!box) return undefined;
  const offset = random.chance(0.25) ? -4 : 4 + 2 * random.whole(0, 18);
  const value = random.pick(EXTREMES);
  bytes.writeUInt32BE(value, box.at + offset);
  return { bytes, how: `${value} at ${offset} of its ${box.name}` };
};

/** For AVI, WAV, ASF and other little-endian formats. */
const littleNumber: Mutation = (bytes, random) => {
  if (bytes.length < 8) return undefined;
  const at = random.whole(0, Math.min(bytes.length - 4, random.chance(0.5) ? HEADER_BYTES : bytes.length - 4));
  const value = random.pick(EXTREMES);
  bytes.writeUInt32LE(value, at);
  return { bytes, how: `${value}, its small end first, at ${at}` };
};

/** Bytes before times, and their distance: in MP4 (a table's first entries), Matroska (a cluster's), Ogg (a page's). */
const TIMES = [
  { marker: Buffer.from("stts"), after: 12 },
  { marker: Buffer.from("ctts"), after: 12 },
  { marker: Buffer.from("elst"), after: 12 },
  { marker: Buffer.from("tfdt"), after: 8 },
  { marker: Buffer.from("1f43b675", "hex"), after: 10 },
  { marker: Buffer.from("OggS"), after: 6 },
] as const;

/** Pictures and sounds that jump by hours, or backwards. */
const timeLeap: Mutation = (bytes, random) => {
  const found = random.shuffled(TIMES).map((one) => ({ ...one, at: bytes.indexOf(one.marker) }));
  const place = found.find(({ at, after }) => at >= 0 && at + after + 8 < bytes.length);
  if (!place) return undefined;
  const at = place.at + place.after + 4 * random.whole(0, 1);
  const value = random.pick([...EXTREMES, 1e6, 1e8, 1e9] as const);
  bytes.writeUInt32BE(value, at);
  return { bytes, how: `time ${value} at ${at}` };
};

/** 1.0, "OTTO", "true". */
const FONT_MAGIC: ReadonlySet<number> = new Set([0x00010000, 0x4f54544f, 0x74727565]);
const TABLE_RECORD_BYTES = 16;
/** Fonts' numbers: counts, offsets, versions. */
const TABLE_HEAD_BYTES = 64;

/** In a font (TrueType, OpenType): a table's offset or length, or a number at its beginning. */
const fontTable: Mutation = (bytes, random) => {
  const isFont = bytes.length > 12 + TABLE_RECORD_BYTES && FONT_MAGIC.has(bytes.readUInt32BE(0));
  if (!isFont) return undefined;
  const record = 12 + TABLE_RECORD_BYTES * random.whole(0, bytes.readUInt16BE(4) - 1);
  if (record + TABLE_RECORD_BYTES > bytes.length) return undefined;
  const tag = bytes.toString("latin1", record, record + 4);
  const value = random.pick(EXTREMES);
  if (random.chance(0.3)) {
    const at = random.pick([8, 12] as const);
    bytes.writeUInt32BE(value, record + at);
    return { bytes, how: `${value} as the ${at === 8 ? "place" : "length"} of its ${JSON.stringify(tag)}` };
  }
  const at = bytes.readUInt32BE(record + 8) + 2 * random.whole(0, TABLE_HEAD_BYTES / 2);
  if (at + 2 > bytes.length) return undefined;
  bytes.writeUInt16BE(value & 0xffff, at);
  return { bytes, how: `${value & 0xffff} at ${at}, in its ${JSON.stringify(tag)}` };
};

const MUTATIONS = [
  ...[flipBits, editHeader, truncate, fill, repeat, extremeNumber, littleNumber],
  ...[boxNumber, boxNumber, timeLeap, fontTable, fontTable],
] as const;

/** A file changed in one to three ways; the given bytes are not modified. */
export function mutate(original: Uint8Array, random: Random): Mutant {
  let mutant: Mutant = { bytes: Buffer.from(original), how: "" };
  const ways = random.pick([1, 1, 2, 3] as const);
  for (let done = 0; done < ways; ) {
    const next = random.pick(MUTATIONS)(mutant.bytes, random);
    if (!next || next.bytes.length === 0) continue;
    mutant = { bytes: next.bytes, how: mutant.how ? `${mutant.how}; ${next.how}` : next.how };
    done++;
  }
  return mutant;
}
