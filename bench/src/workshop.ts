import { setMaxListeners } from "node:events";
import { mkdir, mkdtemp, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LeftOut } from "./benchmark.js";
import type { OpenPipeline } from "./pipeline/open-pipeline.js";
import type { Predictions } from "./plan/predictions.js";
import type { Scale } from "./scale.js";

/** Resources of one benchmark. */
export interface Workshop {
  readonly scale: Scale;
  readonly signal: AbortSignal;
  /** Of the whole run: measurements of one benchmark are available to the next ones. */
  readonly predictions: Predictions;
  /** A new empty folder, removed with the workshop. */
  folder(name: string): Promise<string>;
  /** All services, without any part that a benchmark measures; quick runs share one, without variables. */
  pipeline(env?: NodeJS.ProcessEnv): Promise<OpenPipeline>;
  /** Throws LeftOut if the disk of temporary files has less room than `megabytes` plus a reserve. */
  requireDisk(megabytes: number): Promise<void>;
}

/** Nearly full disks are slow, and other processes need room too. */
const SPARE_MEGABYTES = 2_000;

export async function openWorkshop({
  scale,
  signal,
  pipeline,
  predictions,
}: Pick<Workshop, "scale" | "signal" | "pipeline" | "predictions">): Promise<Workshop & AsyncDisposable> {
  // Each child and each stream of several concurrent clips listens to it; ten are not a leak.
  setMaxListeners(0, signal);
  const root = await mkdtemp(join(tmpdir(), "polyreel-bench-"));
  return {
    scale,
    signal,
    pipeline,
    predictions,
    folder: async (name) => {
      const path = join(root, name);
      await mkdir(path);
      return path;
    },
    requireDisk: async (megabytes) => {
      const { bavail, bsize } = await statfs(root);
      const free = (bavail * bsize) / 1e6;
      if (free >= megabytes + SPARE_MEGABYTES) return;
      const needed = Math.ceil((megabytes + SPARE_MEGABYTES) / 1000);
      throw new LeftOut(
        `${tmpdir()} has ${Math.floor(free / 1000)} GB free, ${needed} are needed. Name another by TMPDIR.`,
      );
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}
