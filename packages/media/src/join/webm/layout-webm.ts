import { PolyreelError } from "@polyreel/platform";
import { SAMPLE_RATE } from "../../sound/pcm.js";
import type { Layout } from "../layout.js";
import type { ClipPart, SoundPart } from "../parts.js";
import type { Segment } from "../segment.js";
import { element, elementHead, float, text, uint } from "./ebml.js";

interface Block {
  readonly track: 1 | 2;
  readonly kind: PartKind;
  readonly hash: string;
  readonly start: number;
  readonly end: number;
  readonly milliseconds: number;
  readonly key: boolean;
  /** Samples at the end of the packet that are not played. */
  readonly padding: number;
}

type PartKind = NonNullable<ClipPart["kind"] | SoundPart["kind"]>;

/** Samples per Opus packet: 20 ms. */
export const OPUS_PACKET_SAMPLES = 960;
/** Times of blocks are 16 bits, relative to their cluster. */
const CLUSTER_MILLISECONDS = 5000;
const NANOSECONDS = 1e9;
const BLOCK_HEADER_BYTES = 4;

/**
 * The WebM of VP9 clips and, if any, Opus, before a byte is written. Packets stay as they are: VP9 needs no CodecPrivate, and
 * each clip starts with a key frame. A packet with hidden frames is one. The parts are not checked: that is the certificate's
 * task. Pure.
 */
export function layOutWebm(clips: readonly ClipPart[], sound?: SoundPart): Layout {
  const [first] = clips;
  if (!first) throw new PolyreelError("internal", "There are no clips to join.");
  const { timescale, sampleDuration } = first.index;
  const frameMs = (1000 * sampleDuration) / timescale;
  const frames = clips.reduce((sum, { index }) => sum + index.sizes.length, 0);
  const blocks = [...videoBlocks(clips, frameMs), ...(sound ? soundBlocks(sound) : [])];
  // At equal times the picture comes first, so that a cluster starts with its key frame.
  blocks.sort((a, b) => a.milliseconds - b.milliseconds || a.track - b.track);
  const clusters = inClusters(blocks).map((cluster) => clusterOf(cluster));
  const durationMs = Math.max(frames * frameMs, sound ? (Number(sound.index.samples) * 1000) / SAMPLE_RATE : 0);
  const head = Buffer.concat([info(durationMs), tracks(first, sound)]);
  // The size of the cues does not depend on the positions in them.
  const position = head.length + cues(clusters, 0).length;
  const index = cues(clusters, position);
  const payloadBytes = clusters.reduce((sum, { sizeBytes }) => sum + sizeBytes, position);
  const header = Buffer.concat([ebmlHeader(), elementHead("18538067", payloadBytes), head, index]);
  const sizeBytes = header.length - position + payloadBytes;
  return { header, segments: clusters.flatMap(({ segments }) => segments), sizeBytes };
}

function videoBlocks(clips: readonly ClipPart[], frameMs: number): Block[] {
  let frame = 0;
  return clips.flatMap(({ hash, kind = "clip", index: { sizes, keyFrames } }) => {
    const keys = new Set(keyFrames);
    let end = 0;
    return sizes.map((size, number) => {
      const start = end;
      end += size;
      const milliseconds = Math.round(frame++ * frameMs);
      return { track: 1 as const, kind, hash, start, end, milliseconds, key: keys.has(number), padding: 0 };
    });
  });
}

function soundBlocks({ hash, kind = "sound", index: { sizes, delay, samples } }: SoundPart): Block[] {
  const padding = Math.max(0, sizes.length * OPUS_PACKET_SAMPLES - delay - Number(samples));
  let end = 0;
  return sizes.map((size, packet) => {
    const start = end;
    end += size;
    const milliseconds = (packet * OPUS_PACKET_SAMPLES * 1000) / SAMPLE_RATE;
    const last = packet === sizes.length - 1;
    return { track: 2 as const, kind, hash, start, end, milliseconds, key: true, padding: last ? padding : 0 };
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
  readonly segments: readonly Segment[];
  readonly sizeBytes: number;
  readonly milliseconds: number;
  readonly seekable: boolean;
}

function clusterOf(blocks: readonly Block[]): Cluster {
  const [first] = blocks;
  const milliseconds = first?.milliseconds ?? 0;
  const heads = blocks.map((block) => ({ block, head: blockHead(block, milliseconds) }));
  const timestamp = uint("e7", milliseconds);
  const body = heads.reduce((sum, { block, head }) => sum + head.length + block.end - block.start, timestamp.length);
  const start = Buffer.concat([elementHead("1f43b675", body), timestamp]);
  const segments = heads.flatMap(({ block: { kind, hash, start: from, end }, head }, number): Segment[] => [
    literal(number === 0 ? Buffer.concat([start, head]) : head),
    { kind, hash, start: from, end },
  ]);
  const seekable = first?.track === 1 && first.key;
  return { segments, milliseconds, seekable, sizeBytes: start.length + body - timestamp.length };
}

const literal = (bytes: Buffer): Segment => ({ kind: "literal", bytes, start: 0, end: bytes.length });

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

const nanoseconds = (samples: number) => Math.round((samples * NANOSECONDS) / SAMPLE_RATE);

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

function tracks({ index: { width, height, timescale, sampleDuration } }: ClipPart, sound?: SoundPart): Buffer {
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

function soundTrack({ index: { channels, delay, decoderConfig, sampleRate } }: SoundPart): Buffer {
  return element(
    "ae",
    ...[uint("d7", 2), uint("73c5", 2), uint("9c", 0), uint("83", 2), text("86", "A_OPUS")],
    element("63a2", decoderConfig),
    // Decoders need 80 ms before a position to be exact at it (RFC 7845).
    ...[uint("56aa", nanoseconds(delay)), uint("56bb", 80e6)],
    element("e1", float("b5", sampleRate), uint("9f", channels)),
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
