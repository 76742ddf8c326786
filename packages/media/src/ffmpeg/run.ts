import { PolyreelError } from "@polyreel/platform";
import { type FfmpegCommandLine, ffmpegArguments } from "./arguments.js";
import { ProgressReader } from "./progress.js";
import { runProgram } from "./run-program.js";

export interface FfmpegRun extends FfmpegCommandLine {
  signal: AbortSignal;
  /** Limit for the whole run. */
  deadlineSeconds: number;
  /** The run is stopped if nothing moves for this long; 60 by default. */
  stallSeconds?: number;
  /** Bytes for an input `{stdin: true}`. */
  stdin?: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  /** Receives the output `{stdout: true}`; ffmpeg waits while it works. */
  onStdout?: (chunk: Buffer) => void | Promise<void>;
  /** Receives every line of stderr, with its level. */
  onMessage?: (line: string) => void;
  /** Seconds written of the (first) output; never decreases. */
  onProgress?: (outTimeSeconds: number) => void;
}

export interface FfmpegStats {
  wallSeconds: number;
  outTimeSeconds: number;
  frames: number;
  /** The last lines of stderr: filters report their results here at log level `info`. */
  stderr: string;
}

const STALL_SECONDS = 60;
/** For ffprobe, which is silent until its end: seconds without CPU use. */
const PROBE_STALL_SECONDS = 30;
/** -fs counts packets; headers and tables come on top. The kernel enforces this limit. */
const FILE_SLACK_BYTES = 64 << 20;

/**
 * Runs ffmpeg to its end. The first of its own exit, the signal, the deadline, a stall, an oversized output, or an
 * error of the caller's streams decides; the process is gone when this returns or throws. Partial output stays: output
 * files belong into a temporary folder of the caller's.
 *
 * Throws PolyreelError `cancelled`, `exhausted` (deadline, stall, bound), `unavailable` (ffmpeg missing), `invalid`
 * (the media's fault) or `internal`.
 */
export async function runFfmpeg(run: FfmpegRun): Promise<FfmpegStats> {
  const started = performance.now();
  const progress = new ProgressReader();
  const { signal, deadlineSeconds, stallSeconds = STALL_SECONDS, maxOutputBytes } = run;
  let stdoutBytes = 0;
  const ending = await runProgram("ffmpeg", ffmpegArguments(run), {
    signal,
    deadlineSeconds,
    stallSeconds,
    maxFileBytes: maxOutputBytes + FILE_SLACK_BYTES,
    stdin: run.stdin,
    onMessage: run.onMessage,
    onStdout: async (chunk) => {
      stdoutBytes += chunk.length;
      if (stdoutBytes > maxOutputBytes) throw tooLarge(maxOutputBytes);
      await run.onStdout?.(chunk);
    },
    onProgress: (text) => {
      const moved = progress.push(text);
      if (moved) run.onProgress?.(progress.now.outTimeSeconds);
      return moved;
    },
    describe: () => {
      const { frames, outTimeSeconds } = progress.now;
      const speed = (outTimeSeconds * 1000) / (performance.now() - started);
      return {
        "polyreel.ffmpeg.frames": frames,
        "polyreel.ffmpeg.seconds": outTimeSeconds,
        "polyreel.ffmpeg.speed": speed,
      };
    },
  });
  const { outTimeSeconds, frames, bytes } = progress.now;
  // At the bound of -fs ffmpeg exits successfully.
  if (bytes >= maxOutputBytes) throw tooLarge(maxOutputBytes);
  return { wallSeconds: (performance.now() - started) / 1000, outTimeSeconds, frames, stderr: ending.stderr };
}

export interface FfprobeRun {
  signal: AbortSignal;
  deadlineSeconds?: number;
  /** Receives the output in chunks, whatever its size. */
  onStdout?: (chunk: Buffer) => void;
}

/** Runs ffprobe (arguments without the program's name) and returns its stdout, at most 64 MB. */
export async function runFfprobe(
  args: readonly string[],
  { signal, deadlineSeconds = 60, onStdout }: FfprobeRun,
): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  await runProgram("ffprobe", ["-hide_banner", "-loglevel", "level+warning", ...args], {
    signal,
    deadlineSeconds,
    stallSeconds: PROBE_STALL_SECONDS,
    maxFileBytes: 0, // It writes no files.
    onStdout: (chunk) => {
      if (onStdout) return onStdout(chunk);
      bytes += chunk.length;
      if (bytes > 64 << 20) throw tooLarge(64 << 20);
      chunks.push(chunk);
    },
  });
  return Buffer.concat(chunks).toString("utf8");
}

const tooLarge = (bytes: number): PolyreelError =>
  new PolyreelError("exhausted", `ffmpeg was stopped: it wrote more than the ${bytes} bytes it was allowed.`);
