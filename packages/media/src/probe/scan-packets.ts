import { PolyreelError } from "@polyreel/platform";
import { fileUrl, untrusted } from "../ffmpeg/arguments.js";
import { LineReader } from "../ffmpeg/line-reader.js";
import { runFfprobe } from "../ffmpeg/run.js";

/** A part of a stream with continuous timestamps. In seconds on the file's clock. */
export interface StreamPart {
  startSeconds: number;
  endSeconds: number;
}

/** Findings from a stream's packets. */
export interface StreamPackets {
  /** A single one, unless timestamps restart. */
  parts: StreamPart[];
  /** Some packets have a decoding time, but no presentation time. */
  untimed: boolean;
}

/** By stream index. */
export type PacketScan = ReadonlyMap<number, StreamPackets>;

/** The properties of a stream that a scan needs. */
export interface ScannedStream {
  index: number;
  avg_frame_rate?: string;
}

/** A scan reads the whole file; this allows for the largest. */
const SCAN_DEADLINE_SECONDS = 120;
/** Broadcasts and discs: ffmpeg, too, treats jumps in these as a restart, and concatenates the parts. */
const RESTARTING = /^(mpegts|mpeg|ogg)/;
export const FALL_SECONDS = 0.1;
export const LEAP_SECONDS = 10;
/** Per stream. More of them are damage. */
const MAX_PARTS = 1000;

/**
 * Determines the extent of each stream from all packets, in bounded memory. Undefined if that takes too long, or fails:
 * then the header must suffice.
 */
export async function scanPackets(
  path: string,
  { streams, container }: { streams: readonly ScannedStream[]; container: string },
  signal: AbortSignal,
): Promise<PacketScan | undefined> {
  const tally = new PacketTally(RESTARTING.test(container));
  const lines = new LineReader((line) => tally.add(packetOf(line)));
  const shown = ["-show_entries", `packet=${PACKET_TIMES}`, "-of", "csv=p=0"];
  try {
    await runFfprobe([...shown, ...untrusted, fileUrl(path)], {
      signal,
      deadlineSeconds: SCAN_DEADLINE_SECONDS,
      onStdout: (chunk) => lines.push(chunk),
    });
  } catch (error) {
    if (error instanceof PolyreelError && (error.code === "cancelled" || error.code === "unavailable")) throw error;
    return undefined;
  }
  lines.end();
  return tally.found(streams);
}

/** What of a packet is asked for, in this order. */
export const PACKET_TIMES = "stream_index,pts_time,dts_time,duration_time,flags";

/** A packet as ffprobe reports it: times as texts, absent or "N/A" if the file does not state them. */
export interface PacketTimes {
  readonly stream_index?: string | number | undefined;
  readonly pts_time?: string | undefined;
  readonly dts_time?: string | undefined;
  readonly duration_time?: string | undefined;
  readonly flags?: string | undefined;
}

/** A line of ffprobe's csv. */
export function packetOf(line: string): PacketTimes {
  const [stream_index, pts_time, dts_time, duration_time, flags] = line.split(",");
  return { stream_index, pts_time, dts_time, duration_time, flags };
}

interface TalliedPart extends StreamPart {
  /** Start of the last packet without a stated duration. */
  openSeconds: number;
}

/** Aggregates packets by stream. */
export class PacketTally {
  readonly #streams = new Map<number, { parts: TalliedPart[]; untimed: boolean }>();
  readonly #decoded = new Map<number, number>();

  /** @param restarting timestamps may restart */
  constructor(private readonly restarting: boolean) {}

  add({ stream_index = "", pts_time, dts_time, duration_time, flags = "" }: PacketTimes): void {
    const index = stream_index === "" ? Number.NaN : Number(stream_index);
    const [shown, decoded, length] = [Number(pts_time), Number(dts_time), Number(duration_time)];
    const start = Number.isNaN(shown) ? decoded : shown;
    if (!Number.isInteger(index) || Number.isNaN(start) || flags.includes("D")) return; // D: cut by an edit list.
    const end = start + (Number.isNaN(length) ? 0 : length);
    const open = Number.isNaN(length) ? start : Number.NEGATIVE_INFINITY;
    const packets = this.#streams.get(index) ?? { parts: [], untimed: false };
    this.#streams.set(index, packets);
    packets.untimed ||= Number.isNaN(shown);
    const part = packets.parts.at(-1);
    if (!part || this.#startsAnew(index, decoded, packets.parts.length)) {
      packets.parts.push({ startSeconds: start, endSeconds: end, openSeconds: open });
    } else {
      part.startSeconds = Math.min(part.startSeconds, start);
      part.endSeconds = Math.max(part.endSeconds, end);
      part.openSeconds = Math.max(part.openSeconds, open);
    }
    if (!Number.isNaN(decoded)) this.#decoded.set(index, decoded);
  }

  /** Packets without a stated duration last as long as a picture of their stream. */
  found(streams: readonly ScannedStream[]): PacketScan {
    const packetSeconds = frameSeconds(streams);
    const closed = (index: number) => (part: TalliedPart) => ({
      startSeconds: part.startSeconds,
      endSeconds: Math.max(part.endSeconds, part.openSeconds + (packetSeconds.get(index) ?? 0)),
    });
    return new Map(
      [...this.#streams].map(([index, { parts, untimed }]) => [index, { parts: parts.map(closed(index)), untimed }]),
    );
  }

  /** Decoding times decrease only at a restart; presentation times also by reordering. */
  #startsAnew(index: number, decoded: number, parts: number): boolean {
    const before = this.#decoded.get(index);
    if (!this.restarting || before === undefined || Number.isNaN(decoded) || parts >= MAX_PARTS) return false;
    return decoded < before - FALL_SECONDS || decoded > before + LEAP_SECONDS;
  }
}

/** Duration of a stream's pictures if its packets don't state it. */
function frameSeconds(streams: readonly ScannedStream[]): Map<number, number> {
  return new Map(
    streams.map(({ index, avg_frame_rate = "0/0" }) => {
      const [numerator = 0, denominator = 0] = avg_frame_rate.split("/").map(Number);
      return [index, numerator > 0 ? denominator / numerator : 0];
    }),
  );
}
