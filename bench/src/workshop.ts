import { setMaxListeners } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Scale } from "./scale.js";

/** What a benchmark works with. */
export interface Workshop {
  readonly scale: Scale;
  readonly signal: AbortSignal;
  /** A new empty folder, gone at the end of all benchmarks. */
  folder(name: string): Promise<string>;
}

export async function openWorkshop(scale: Scale, signal: AbortSignal): Promise<Workshop & AsyncDisposable> {
  // Each child and each stream of several clips at a time listens to it; ten are not a leak.
  setMaxListeners(0, signal);
  const root = await mkdtemp(join(tmpdir(), "polyreel-bench-"));
  return {
    scale,
    signal,
    folder: async (name) => {
      const path = join(root, name);
      await mkdir(path);
      return path;
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}
