import { PACKET_SAMPLES } from "../sound/adts.js";
import { SAMPLE_RATE } from "../sound/pcm.js";
import { packetTable, positionOf } from "./packet-table.js";
import type { ClipPart, SoundPart } from "./parts.js";
import type { PartSegment, Segment } from "./segment.js";
import { type TimedText, TimedTextCursor } from "./timed-text.js";

/** A track of a file: the picture, the sound, or subtitles by their position among the subtitle tracks. */
export type TrackKey = "video" | "audio" | `subtitles ${number}`;

/** Consecutive packets of one track in the file. */
export interface Chunk {
  track: TrackKey;
  packets: number;
  sizeBytes: number;
}

export interface Interleaving {
  chunks: Chunk[];
  /** The chunks' bytes, in order. A chunk may span clips; adjacent ranges of one part are one segment. */
  segments: Segment[];
}

/**
 * Orders the bytes: the subtitles of a second, its video, then its audio, so that a player that reads from the start has
 * all in time. Chunks follow the timeline, not the clips: sixty clips of one frame are two chunks.
 */
export function interleave(
  clips: readonly ClipPart[],
  sound?: SoundPart,
  texts: readonly TimedText[] = [],
): Interleaving {
  const layout: Interleaving = { chunks: [], segments: [] };
  const first = clips[0]?.index;
  if (!first) return layout;
  const { timescale, sampleDuration } = first;
  const frames = clips.reduce((sum, { index }) => sum + index.sizes.length, 0);
  const chunkFrames = Math.max(1, Math.round(timescale / sampleDuration));
  const video = new Cursor("clip", clips, layout.segments);
  const audio = new Cursor("sound", sound ? [sound] : [], layout.segments);
  const cursors = texts.map((text) => new TimedTextCursor(text));
  const packets = sound?.index.sizes.length ?? 0;
  let packet = 0;
  for (let frame = 0; frame < frames; frame += chunkFrames) {
    const end = Math.min(frame + chunkFrames, frames);
    const endSeconds = end === frames ? Number.POSITIVE_INFINITY : (end * sampleDuration) / timescale;
    for (const [i, cursor] of cursors.entries()) {
      const { packets, bytes } = cursor.take(endSeconds);
      if (packets === 0) continue;
      layout.chunks.push({ track: `subtitles ${i}`, packets, sizeBytes: bytes.length });
      layout.segments.push({ kind: "literal", bytes, start: 0, end: bytes.length });
    }
    layout.chunks.push({ track: "video", packets: end - frame, sizeBytes: video.take(end - frame) });
    // Packets that begin to sound before the video's second ends; with the last second, all remaining ones.
    const audioEnd = ((end * sampleDuration) / timescale) * SAMPLE_RATE + (sound?.index.delay ?? 0);
    const until = end === frames ? packets : Math.min(packets, Math.ceil(audioEnd / PACKET_SAMPLES));
    if (until > packet) {
      layout.chunks.push({ track: "audio", packets: until - packet, sizeBytes: audio.take(until - packet) });
      packet = until;
    }
  }
  return layout;
}

/** Iterates over the packets of consecutive parts. */
class Cursor {
  #part = 0;
  #packet = 0;

  constructor(
    readonly kind: "clip" | "sound",
    readonly parts: readonly (ClipPart | SoundPart)[],
    readonly segments: Segment[],
  ) {}

  /** Adds the next packets to the segments, and returns their size in bytes. */
  take(packets: number): number {
    let sizeBytes = 0;
    let left = packets;
    for (let part = this.parts[this.#part]; left > 0 && part; part = this.parts[this.#part]) {
      const table = packetTable(part.index);
      const end = Math.min(this.#packet + left, table.packets);
      const range = { start: positionOf(table, this.#packet), end: positionOf(table, end) };
      const last = this.segments.at(-1);
      if (isPart(last) && last.hash === part.hash && last.end === range.start) last.end = range.end;
      else this.segments.push({ kind: part.kind ?? this.kind, hash: part.hash, ...range });
      sizeBytes += range.end - range.start;
      left -= end - this.#packet;
      this.#packet = end;
      if (end === table.packets) {
        this.#part++;
        this.#packet = 0;
      }
    }
    return sizeBytes;
  }
}

const isPart = (segment: Segment | undefined): segment is PartSegment =>
  segment !== undefined && segment.kind !== "literal" && segment.kind !== "file";
