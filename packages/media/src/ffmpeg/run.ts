import { PolyreelError } from "@polyreel/platform";
import { type FfmpegCommandLine, ffmpegArguments } from "./arguments.js";
import { ProgressReader } from "./progress.js";
import { runProgram } from "./run-program.js";

export interface FfmpegRun extends FfmpegCommandLine {
  signal: AbortSignal;
  /** The whole run may take this long. */
  deadlineSeconds: number;
  /** It is stopped when nothing moves for this long. 60 where nothing is said. */
  stallSeconds?: number;
  /** Bytes for an input `{stdin: true}`. */
  stdin?: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  /** Gets what an output `{stdout: true}` writes; ffmpeg waits while it works. */
  onStdout?: (chunk: Buffer) => void | Promise<void>;
  /** Gets every line that it writes to stderr, with its level. */
  onMessage?: (line: string) => void;
  /** How much of the (first) output is written, in seconds; never falls. */
  onProgress?: (outTimeSeconds: number) => void;
}

export interface FfmpegStats {
  wallSeconds: number;
  outTimeSeconds: number;
  frames: number;
  /** The last lines of what it said: filters report their results here at log level `info`. */
  stderr: string;
}

const STALL_SECONDS = 60;
/** Of ffprobe, which says nothing until its end: the processor standing still. */
const PROBE_STALL_SECONDS = 30;
/** -fs counts packets: headers and tables come on top. This is where the kernel puts an end to it. */
const FILE_SLACK_BYTES = 64 << 20;

/**
 * Runs ffmpeg to its end. Whatever happens first (its own end, the signal, the deadline, a stall, an output past its bound,
 * an error of the caller's streams) decides; the process is gone when this returns or throws. What it wrote before a failure
 * stays: output files lie in a temporary folder of the caller's.
 *
 * Throws PolyreelError `cancelled`, `exhausted` (deadline, stall, bound), `unavailable` (ffmpeg missing), `invalid` (the
 * media's fault) or `internal`.
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
  });
  const { outTimeSeconds, frames, bytes } = progress.now;
  // At the bound of -fs ffmpeg ends as if all were well.
  if (bytes >= maxOutputBytes) throw tooLarge(maxOutputBytes);
  return { wallSeconds: (performance.now() - started) / 1000, outTimeSeconds, frames, stderr: ending.stderr };
}

export interface FfprobeRun {
  signal: AbortSignal;
  deadlineSeconds?: number;
  /** Gets what it writes, piece by piece, however much that is. */
  onStdout?: (chunk: Buffer) => void;
}

/** Runs ffprobe (arguments without the program's name) and gives what it writes to stdout, at most 64 MB. */
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
    maxFileBytes: 0, // it writes none
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
