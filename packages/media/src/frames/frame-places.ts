import type { ClipIndex } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";

/** A run of packets that begins with a key frame and can be decoded by itself. */
export interface PacketRun {
  /** Positions of its first packet and of the one after its last. */
  from: number;
  to: number;
}

export interface DecodingPlan {
  /** The packets to decode, in this order. */
  runs: PacketRun[];
  /** Indices of the wanted frames among all decoded ones, in presentation order; ascending. */
  wanted: number[];
  /** For each requested frame, its index in `wanted`. */
  places: number[];
}

/**
 * Plans which packets to decode for some frames of a clip (from 0, in presentation order): from each frame's preceding
 * key frame to its own packet, since B-frames follow the frames they refer to. Groups of pictures are closed: frames of
 * one are shown before those of the next. Throws PolyreelError `invalid` if the clip has no such frame.
 */
export function planDecoding(index: ClipIndex, frames: readonly number[]): DecodingPlan {
  const shown = framesShown(index);
  const packetOf = new Map(shown.map((frame, packet) => [frame, packet]));
  const ends = new Map<number, number>();
  const sought = [...new Set(frames)].sort((a, b) => a - b);
  for (const frame of sought) {
    const packet = packetOf.get(frame);
    if (packet === undefined) throw noSuchFrame(frame, shown.length);
    const from = keyFrameBefore(index, packet);
    ends.set(from, Math.max(ends.get(from) ?? 0, packet + 1));
  }
  const runs = [...ends].map(([from, to]) => ({ from, to })).sort((one, other) => one.from - other.from);
  const output = runs.flatMap(({ from, to }) => shown.slice(from, to).sort((a, b) => a - b));
  const wanted = sought.map((frame) => output.indexOf(frame));
  return { runs, wanted, places: frames.map((frame) => sought.indexOf(frame)) };
}

/** For each packet, in decoding order, its frame number in presentation order. */
function framesShown({ compositionOffsets, sampleDuration }: ClipIndex): number[] {
  const delay = compositionOffsets[0] ?? 0; // The first packet is the first frame.
  return compositionOffsets.map((offset, packet) => packet + Math.round((offset - delay) / sampleDuration));
}

function keyFrameBefore({ keyFrames }: ClipIndex, packet: number): number {
  return keyFrames.findLast((keyFrame) => keyFrame <= packet) ?? 0;
}

const noSuchFrame = (frame: number, frames: number): PolyreelError =>
  new PolyreelError("invalid", `A clip of ${frames} frames has no frame ${frame}; they are counted from 0.`);
