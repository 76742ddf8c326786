import type { ClipIndex } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";

/** A run of packets that begins with a key frame and is decoded by itself. */
export interface PacketRun {
  /** Positions of its first packet and of the one after its last. */
  from: number;
  to: number;
}

export interface DecodingPlan {
  /** What must be decoded, in this order. */
  runs: PacketRun[];
  /** Which of all the frames that come out are wanted, counted from 0 in the order in which they are shown; rising. */
  wanted: number[];
  /** For each frame that was asked for, its place in `wanted`. */
  places: number[];
}

/**
 * What must be decoded for some frames of a clip (numbers from 0 in the order in which they are shown): from the key frame
 * before each to its own packet, for B-frames come after what they refer to. Groups of pictures are closed: the frames of
 * one are shown before those of the next. Throws PolyreelError `invalid` where the clip has no such frame.
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

/** For each packet, in decoding order, which frame it is in the order of presentation. */
function framesShown({ compositionOffsets, sampleDuration }: ClipIndex): number[] {
  const delay = compositionOffsets[0] ?? 0; // the first packet is the first frame
  return compositionOffsets.map((offset, packet) => packet + Math.round((offset - delay) / sampleDuration));
}

function keyFrameBefore({ keyFrames }: ClipIndex, packet: number): number {
  return keyFrames.findLast((keyFrame) => keyFrame <= packet) ?? 0;
}

const noSuchFrame = (frame: number, frames: number): PolyreelError =>
  new PolyreelError("invalid", `A clip of ${frames} frames has no frame ${frame}; they are counted from 0.`);
