import { stat } from "node:fs/promises";
import { join } from "node:path";
import { plainFfmpeg } from "../instead/ffmpeg.js";
import { reencodeArguments } from "../instead/reencode.js";
import { combinationsOf, type Grid } from "./grid.js";
import type { BatchRun } from "./services.js";

/** A batch, and the cost of encoding each of its combinations from its sources. */
export interface Compared<Run extends BatchRun> {
  readonly ours: Run;
  /** Time of encoding all combinations one by one, extrapolated from the sample. */
  readonly insteadSeconds: number;
  /** Videos in that sample. */
  readonly sampled: number;
  /** Size of one of them. */
  readonly megabytes: number;
  /** Time of encoding them over time of the batch. */
  readonly ratio: number;
}

/**
 * Runs a batch beside encoding each of its combinations from its sources, with one command that uses all cores, one
 * after the other. Only `sample` of them are encoded, before the batch and again after it, so that other load on the
 * machine affects both alike. `run` receives the size of one in megabytes.
 */
export async function besideOneByOne<Run extends BatchRun>(
  grid: Grid,
  { sample, signal }: { sample: number; signal: AbortSignal },
  run: (megabytes: number) => Promise<Run>,
): Promise<Compared<Run>> {
  const before = await encodeSample(grid, sample, signal);
  const megabytes = before.megabytes / sample;
  const ours = await run(megabytes);
  const after = await encodeSample(grid, sample, signal);
  const sampled = 2 * sample;
  const insteadSeconds = ((before.seconds + after.seconds) / sampled) * combinationsOf(grid);
  return { ours, insteadSeconds, sampled, megabytes, ratio: insteadSeconds / ours.wallSeconds };
}

/**
 * Combinations of the choices at the same position. All blocks have choices of the same lengths, so this many have the
 * average cost.
 */
async function encodeSample(grid: Grid, sample: number, signal: AbortSignal) {
  const { folder, size, bed, keepSound, secondsOf } = grid;
  const taken = { seconds: 0, megabytes: 0 };
  for (let i = 0; i < sample; i++) {
    const footage = grid.footage.map((choices) => choices[i % choices.length] ?? "");
    const seconds = footage.length * secondsOf(i);
    const output = join(folder, `instead-${i}.mp4`);
    const command = reencodeArguments({ footage, sounds: [bed], muted: !keepSound, size, seconds, output });
    const began = performance.now();
    await plainFfmpeg(command, signal);
    taken.seconds += (performance.now() - began) / 1000;
    taken.megabytes += (await stat(output)).size / 1e6;
  }
  return taken;
}
