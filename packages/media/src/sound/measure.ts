import { PolyreelError } from "@polyreel/platform/errors.js";
import { runFfmpeg } from "../ffmpeg/run.js";
import { AAC_DELAY } from "./aac.js";
import { BLOCK_HOPS, HOP_SAMPLES } from "./loudness.js";
import { SAMPLE_RATE } from "./pcm.js";

/** What a listener gets. -infinity: silence. */
export interface Measured {
  readonly loudnessLufs: number;
  readonly truePeakDbtp: number;
}

/** ebur128 answers this where no block passes the absolute gate. */
const NOTHING_LUFS = -70;

/**
 * Decodes a soundtrack as a player does (the encoder's delay dropped, `samples` heard) and measures its integrated loudness
 * and true peak with ffmpeg's ebur128: not our own meter, so that it also checks that one.
 */
export async function measureAac(adtsPath: string, samples: number, signal: AbortSignal): Promise<Measured> {
  const filter = [
    `atrim=start_sample=${AAC_DELAY}:end_sample=${AAC_DELAY + samples}`,
    "asetpts=N/SR/TB",
    // Nothing is measured before a block is full.
    `apad=whole_len=${BLOCK_HOPS * HOP_SAMPLES}`,
    "ebur128=peak=true:framelog=verbose",
  ].join(",");
  const { stderr } = await runFfmpeg({
    inputs: [{ file: adtsPath, options: ["-f", "aac"] }],
    filterComplex: `[0:a]${filter}[measured]`,
    outputs: [{ stdout: true, options: ["-map", "[measured]", "-f", "null"] }],
    maxOutputBytes: 1 << 20,
    logLevel: "info",
    signal,
    deadlineSeconds: 60 + samples / SAMPLE_RATE,
  });
  const loudnessLufs = reported(stderr, /^\s*I:\s+(\S+) LUFS/m);
  const truePeakDbtp = reported(stderr, /^\s*Peak:\s+(\S+) dBFS/m);
  return { loudnessLufs: loudnessLufs <= NOTHING_LUFS ? -Infinity : loudnessLufs, truePeakDbtp };
}

/** A number in what ebur128 reports at its end. */
function reported(stderr: string, pattern: RegExp): number {
  const text = pattern.exec(stderr.slice(Math.max(0, stderr.lastIndexOf("Summary:"))))?.[1];
  const value = text === "-inf" ? -Infinity : Number(text);
  if (text === undefined || Number.isNaN(value)) {
    throw new PolyreelError("internal", "ffmpeg did not report the loudness of a soundtrack.");
  }
  return value;
}
