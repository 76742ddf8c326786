import { runFfmpeg } from "../ffmpeg/run.js";

/** Enough to measure a length by. */
const RATE = 8000;
const BYTES_PER_SAMPLE = 2;
const START_SECONDS = 60;
const SLOWEST_SECONDS_A_SECOND = 8;

/** Length of a file's sound by its samples, whatever its header and timestamps state; at most `limitSeconds`. */
export async function decodedSeconds(path: string, limitSeconds: number, signal: AbortSignal): Promise<number> {
  let bytes = 0;
  await runFfmpeg({
    inputs: [{ media: path, options: ["-vn", "-sn", "-dn"] }],
    filterComplex: `[0:a:0]asetpts=N/SR/TB,aresample=${RATE}[a]`,
    outputs: [{ stdout: true, options: ["-map", "[a]", "-ac", "1", "-t", limitSeconds.toFixed(3), "-f", "s16le"] }],
    onStdout: (chunk) => {
      bytes += chunk.length;
    },
    maxOutputBytes: Math.ceil((limitSeconds + 1) * RATE * BYTES_PER_SAMPLE),
    deadlineSeconds: START_SECONDS + limitSeconds / SLOWEST_SECONDS_A_SECOND,
    signal,
  });
  return bytes / BYTES_PER_SAMPLE / RATE;
}
