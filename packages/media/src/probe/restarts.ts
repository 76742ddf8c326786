import { type PolyreelError, sourceError } from "@polyreel/platform";
import { FALL_SECONDS, LEAP_SECONDS, type StreamPart } from "./scan-packets.js";

/** The length of a filter's expression grows with them. */
const MAX_RESTARTS = 100;

/**
 * For streams whose timestamps restart (two recordings in one file): the offset in seconds of each further part, so
 * that it begins where the previous part ends in all of its streams. Audio and video of a part stay in sync. Empty if
 * timestamps never restart. Throws PolyreelError `invalid` if the streams do not restart together.
 */
export function restartOffsets(streams: readonly (readonly StreamPart[])[]): number[] {
  const used = streams.filter((parts) => parts.length > 0);
  const count = Math.max(1, ...used.map((parts) => parts.length));
  if (count === 1) return [];
  if (count > MAX_RESTARTS || used.some((parts) => parts.length !== count)) throw unequalRestarts(used);
  const offsets: number[] = [];
  for (let i = 1; i < count; i++) {
    const end = Math.max(...used.map((parts) => parts[i - 1]?.endSeconds ?? 0)) + (offsets[i - 2] ?? 0);
    offsets.push(end - Math.min(...used.map((parts) => parts[i]?.startSeconds ?? 0)));
  }
  return offsets;
}

/** Length of a stream with its parts moved by the offsets, from its first start to its last end. */
export function movedSeconds(parts: readonly StreamPart[], offsets: readonly number[]): number {
  const ends = parts.map(({ endSeconds }, i) => endSeconds + (offsets[i - 1] ?? 0));
  return Math.max(0, ...ends) - (parts[0]?.startSeconds ?? 0);
}

/** `setpts` or `asetpts`: moves each part by its offset, on the file's own clock (-copyts). */
export function movedParts(filter: "setpts" | "asetpts", offsets: readonly number[]): string {
  const jumps = `lt(T,PREV_INT-${FALL_SECONDS})+gt(T,PREV_INT+${LEAP_SECONDS})`;
  return `${filter}='0*st(0,ld(0)+${jumps})+PTS+(${offsetOf("ld(0)", offsets)})/TB'`;
}

/** An expression for the offset of part number `part`; 0 is the first. */
const offsetOf = (part: string, offsets: readonly number[]): string =>
  [0, ...offsets].reduceRight((rest, offset, i) => `if(eq(${part},${i}),${offset.toFixed(6)},${rest})`, "0");

function unequalRestarts(streams: readonly (readonly StreamPart[])[]): PolyreelError {
  const ends = streams.flatMap((parts) =>
    parts.length > 1 ? [(parts[0]?.endSeconds ?? 0) - (parts[0]?.startSeconds ?? 0)] : [],
  );
  return sourceError({
    reason: `The file's time stamps restart after ${Math.min(...ends).toFixed(2)} s, and not in picture and sound alike.`,
    remedy: "Give the recordings that were put together one by one, or convert the file to MP4 first.",
  });
}
