import { element, elementHead, float, text, uint } from "./ebml.js";

/** A VP9 clip: its packets back to back. `sizes` in bytes, an alt-ref superframe is one packet; `keyFrames` by number. */
export interface Vp9Clip {
  readonly hash: string;
  readonly sizes: readonly number[];
  readonly keyFrames: readonly number[];
}

/** Opus of a whole timeline: packets of 20 ms back to back. `samples` and `preSkip` at 48 kHz. */
export interface OpusSound {
  readonly hash: string;
  readonly sizes: readonly number[];
  readonly channels: number;
  readonly preSkip: number;
  readonly samples: number;
}

/** The picture of all clips of a join. Frames per second are `timescale / sampleDuration`. */
export interface Vp9Picture {
  readonly width: number;
  readonly height: number;
  readonly timescale: number;
  readonly sampleDuration: number;
}

/** A piece of the file: bytes of its own, or a range of a part. */
export type WebmPiece =
  | { readonly kind: "literal"; readonly bytes: Buffer }
  | { readonly kind: "part"; readonly hash: string; readonly start: number; readonly end: number };

interface Block {
  readonly track: 1 | 2;
  readonly hash: string;
  readonly start: number;
  readonly end: number;
  readonly milliseconds: number;
  readonly key: boolean;
  /** Samples at the end of the packet that are not played. */
  readonly padding: number;
}

const OPUS_RATE = 48_000;
const PACKET_SAMPLES = 960;
/** Times of blocks are 16 bits, relative to their cluster. */
const CLUSTER_MILLISECONDS = 5000;
const NANOSECONDS = 1e9;
const BLOCK_HEADER_BYTES = 4;

/**
 * The WebM of clips and, if any, a sound, before a byte is written. Packets stay as they are: VP9 needs no CodecPrivate, and
 * each clip starts with a key frame. Throws a RangeError if one does not. Pure.
 */
export function layOutWebm(clips: readonly Vp9Clip[], picture: Vp9Picture, sound?: OpusSound): WebmPiece[] {
  const frameMs = (1000 * picture.sampleDuration) / picture.timescale;
  const frames = clips.reduce((sum, { sizes }) => sum + sizes.length, 0);
  const blocks = [...videoBlocks(clips, frameMs), ...(sound ? soundBlocks(sound) : [])];
  // At equal times the picture comes first, so that a cluster starts with its key frame.
  blocks.sort((a, b) => a.milliseconds - b.milliseconds || a.track - b.track);
  const clusters = inClusters(blocks).map((cluster) => clusterPieces(cluster));
  const durationMs = Math.max(frames * frameMs, sound ? (sound.samples * 1000) / OPUS_RATE : 0);
  const head = Buffer.concat([info(durationMs), tracks(picture, sound)]);
  // The size of the cues does not depend on the positions in them.
  let position = head.length + cues(clusters, 0).length;
  const index = cues(clusters, position);
  position += clusters.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const start = Buffer.concat([ebmlHeader(), elementHead("18538067", position), head, index]);
  return [{ kind: "literal", bytes: start }, ...clusters.flatMap(({ pieces }) => pieces)];
}

function videoBlocks(clips: readonly Vp9Clip[], frameMs: number): Block[] {
  let frame = 0;
  return clips.flatMap(({ hash, sizes, keyFrames }) => {
    if (!keyFrames.includes(0)) throw new RangeError(`Clip ${hash} does not start with a key frame.`);
    const keys = new Set(keyFrames);
    let end = 0;
    return sizes.map((size, number) => {
      const start = end;
      end += size;
      const milliseconds = Math.round(frame++ * frameMs);
      return { track: 1 as const, hash, start, end, milliseconds, key: keys.has(number), padding: 0 };
    });
  });
}

function soundBlocks({ hash, sizes, preSkip, samples }: OpusSound): Block[] {
  const padding = Math.max(0, sizes.length * PACKET_SAMPLES - preSkip - samples);
  let end = 0;
  return sizes.map((size, packet) => {
    const start = end;
    end += size;
    const milliseconds = (packet * PACKET_SAMPLES * 1000) / OPUS_RATE;
    const last = packet === sizes.length - 1;
    return { track: 2 as const, hash, start, end, milliseconds, key: true, padding: last ? padding : 0 };
  });
}

/** A cluster starts at each key frame, and at the latest after five seconds. */
function inClusters(blocks: readonly Block[]): Block[][] {
  const clusters: Block[][] = [];
  for (const block of blocks) {
    const current = clusters.at(-1);
    const first = current?.[0];
    const seekable = block.track === 1 && block.key;
    if (!current || !first || seekable || block.milliseconds - first.milliseconds >= CLUSTER_MILLISECONDS) {
      clusters.push([block]);
    } else current.push(block);
  }
  return clusters;
}

interface Cluster {
  readonly pieces: readonly WebmPiece[];
  readonly sizeBytes: number;
  readonly milliseconds: number;
  readonly seekable: boolean;
}

function clusterPieces(blocks: readonly Block[]): Cluster {
  const [first] = blocks;
  const milliseconds = first?.milliseconds ?? 0;
  const heads = blocks.map((block) => ({ block, head: blockHead(block, milliseconds) }));
  const timestamp = uint("e7", milliseconds);
  const body = heads.reduce((sum, { block, head }) => sum + head.length + block.end - block.start, timestamp.length);
  const start = Buffer.concat([elementHead("1f43b675", body), timestamp]);
  const pieces = heads.flatMap(({ block: { hash, start: from, end }, head }, number): WebmPiece[] => [
    { kind: "literal", bytes: number === 0 ? Buffer.concat([start, head]) : head },
    { kind: "part", hash, start: from, end },
  ]);
  const seekable = first?.track === 1 && first.key;
  return { pieces, milliseconds, seekable, sizeBytes: start.length + body - timestamp.length };
}

/** A SimpleBlock up to its payload; a BlockGroup if samples of the packet are not played. */
function blockHead({ track, start, end, milliseconds, key, padding }: Block, clusterMs: number): Buffer {
  const header = Buffer.alloc(BLOCK_HEADER_BYTES);
  header[0] = 0x80 | track;
  header.writeInt16BE(milliseconds - clusterMs, 1);
  const payloadBytes = BLOCK_HEADER_BYTES + end - start;
  if (padding === 0) {
    header[3] = key ? 0x80 : 0;
    return Buffer.concat([elementHead("a3", payloadBytes), header]);
  }
  const discard = uint("75a2", nanoseconds(padding));
  const block = elementHead("a1", payloadBytes);
  return Buffer.concat([elementHead("a0", discard.length + block.length + payloadBytes), discard, block, header]);
}

const nanoseconds = (samples: number) => Math.round((samples * NANOSECONDS) / OPUS_RATE);

const ebmlHeader = () =>
  element(
    "1a45dfa3",
    ...[uint("4286", 1), uint("42f7", 1), uint("42f2", 4), uint("42f3", 8)],
    ...[text("4282", "webm"), uint("4287", 4), uint("4285", 2)],
  );

const info = (durationMs: number) =>
  element(
    "1549a966",
    ...[uint("2ad7b1", 1e6), float("4489", durationMs), text("4d80", "Polyreel"), text("5741", "Polyreel")],
  );

function tracks({ width, height, timescale, sampleDuration }: Vp9Picture, sound?: OpusSound): Buffer {
  // Matrix, range, transfer and primaries: BT.709, limited range, as all clips of a canvas.
  const colour = element("55b0", uint("55b1", 1), uint("55b9", 1), uint("55ba", 1), uint("55bb", 1));
  const video = element(
    "ae",
    ...[uint("d7", 1), uint("73c5", 1), uint("9c", 0), uint("83", 1), text("86", "V_VP9")],
    uint("23e383", Math.round((NANOSECONDS * sampleDuration) / timescale)),
    element("e0", uint("b0", width), uint("ba", height), colour),
  );
  return element("1654ae6b", video, ...(sound ? [soundTrack(sound)] : []));
}

function soundTrack({ channels, preSkip }: OpusSound): Buffer {
  const head = Buffer.from("OpusHead\x01\0\0\0\0\0\0\0\0\0\0", "latin1");
  head[9] = channels;
  head.writeUInt16LE(preSkip, 10);
  head.writeUInt32LE(OPUS_RATE, 12);
  return element(
    "ae",
    ...[uint("d7", 2), uint("73c5", 2), uint("9c", 0), uint("83", 2), text("86", "A_OPUS"), element("63a2", head)],
    // Decoders need 80 ms before a position to be exact at it (RFC 7845).
    ...[uint("56aa", nanoseconds(preSkip)), uint("56bb", 80e6)],
    element("e1", float("b5", OPUS_RATE), uint("9f", channels)),
  );
}

/** Positions are relative to the segment's payload; `position` is that of the first cluster. */
function cues(clusters: readonly Cluster[], position: number): Buffer {
  let at = position;
  const points = clusters.flatMap(({ milliseconds, seekable, sizeBytes }) => {
    const point = element("bb", uint("b3", milliseconds), element("b7", uint("f7", 1), uint("f1", at)));
    at += sizeBytes;
    return seekable ? [point] : [];
  });
  return element("1c53bb6b", ...points);
}
