import { PolyreelError } from "@polyreel/platform";
import { fileUrl, untrusted } from "../ffmpeg/arguments.js";
import { LineReader } from "../ffmpeg/line-reader.js";
import { runFfprobe } from "../ffmpeg/run.js";

/** A stretch of a stream whose time stamps go on. On the file's clock, in seconds. */
export interface StreamPart {
  startSeconds: number;
  endSeconds: number;
}

/** What the packets of a stream show. */
export interface StreamPackets {
  /** One, but for files whose time stamps start anew. */
  parts: StreamPart[];
  /** Some packets say when they are decoded, but not when they are shown. */
  untimed: boolean;
}

/** By stream index. */
export type PacketScan = ReadonlyMap<number, StreamPackets>;

/** Of a stream, as far as packets need it. */
export interface ScannedStream {
  index: number;
  avg_frame_rate?: string;
}

/** A scan reads the whole file; this is for the largest. */
const SCAN_DEADLINE_SECONDS = 120;
/** Broadcasts and discs: ffmpeg, too, takes these for a new beginning there, and puts one part behind the other. */
const RESTARTING = /^(mpegts|mpeg|ogg)/;
export const FALL_SECONDS = 0.1;
export const LEAP_SECONDS = 10;
/** Of a stream. What has more of them is damaged. */
const MAX_PARTS = 1000;

/**
 * From where to where the packets of each stream go, from all of them, in bounded memory. undefined where that takes too long,
 * or cannot be read: then the header must do.
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

/** Adds up lines of "stream,pts,dts,duration,flags" (csv of ffprobe), where a time may be "N/A". */
export class PacketTally {
  readonly streams = new Map<number, StreamPackets>();
  readonly #decoded = new Map<number, number>();

  /**
   * @param packetSeconds how long a packet of each stream lasts where it does not say so itself
   * @param restarting time stamps may start anew
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
    if (!Number.isInteger(index) || Number.isNaN(start) || flags.includes("D")) return; // D: cut by an edit list
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

  /** Times of decoding never fall otherwise; those of showing do where pictures are stored out of order. */
  #startsAnew(index: number, decoded: number, parts: number): boolean {
    const before = this.#decoded.get(index);
    if (!this.restarting || before === undefined || Number.isNaN(decoded) || parts >= MAX_PARTS) return false;
    return decoded < before - FALL_SECONDS || decoded > before + LEAP_SECONDS;
  }
}

/** How long a picture of each stream lasts where its packets don't say. */
function frameSeconds(streams: readonly ScannedStream[]): Map<number, number> {
  return new Map(
    streams.map(({ index, avg_frame_rate = "0/0" }) => {
      const [numerator = 0, denominator = 0] = avg_frame_rate.split("/").map(Number);
      return [index, numerator > 0 ? denominator / numerator : 0];
    }),
  );
}
