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
  const tally = new PacketTally(frameSeconds(streams), RESTARTING.test(container));
  const lines = new LineReader((line) => tally.add(line));
  const shown = ["-show_entries", "packet=stream_index,pts_time,dts_time,duration_time,flags", "-of", "csv=p=0"];
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
  return tally.streams;
}

/** Aggregates lines of "stream,pts,dts,duration,flags" (ffprobe's csv), where a time may be "N/A". */
export class PacketTally {
  readonly streams = new Map<number, StreamPackets>();
  readonly #decoded = new Map<number, number>();

  /**
   * @param packetSeconds duration of a stream's packets if they don't state it
   * @param restarting timestamps may restart
   */
  constructor(
    private readonly packetSeconds: ReadonlyMap<number, number>,
    private readonly restarting: boolean,
  ) {}

  add(line: string): void {
    const [stream = "", pts, dts, duration, flags = ""] = line.split(",");
    const index = stream === "" ? Number.NaN : Number(stream);
    const [shown, decoded, length] = [Number(pts), Number(dts), Number(duration)];
    const start = Number.isNaN(shown) ? decoded : shown;
    if (!Number.isInteger(index) || Number.isNaN(start) || flags.includes("D")) return; // D: cut by an edit list.
    const end = start + (Number.isNaN(length) ? (this.packetSeconds.get(index) ?? 0) : length);
    const packets = this.streams.get(index) ?? { parts: [], untimed: false };
    this.streams.set(index, packets);
    packets.untimed ||= Number.isNaN(shown);
    const part = packets.parts.at(-1);
    if (!part || this.#startsAnew(index, decoded, packets.parts.length)) {
      packets.parts.push({ startSeconds: start, endSeconds: end });
    } else {
      part.startSeconds = Math.min(part.startSeconds, start);
      part.endSeconds = Math.max(part.endSeconds, end);
    }
    if (!Number.isNaN(decoded)) this.#decoded.set(index, decoded);
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
