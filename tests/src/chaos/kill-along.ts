import { setTimeout as delay } from "node:timers/promises";
import { partFiles } from "../testing/parts.js";
import type { Kill } from "./draw-trial.js";
import type { ChaosSystem } from "./system.js";

/** Where nothing is published for so long, a kill waits no longer. */
const QUIET_MS = 1_500;

/** When to stop killing, and how patient to be: a run of thousands of facts starves on a busy machine for longer than a trial. */
export interface KillOptions {
  readonly quietMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Kills while batches are worked on; gives how many died. `end` is the number of facts expected by then; `finished` gets the
 * parts that were finished before each kill, as files.
 */
export async function killAlong(
  system: ChaosSystem,
  kills: readonly Kill[],
  end: number,
  finished: Map<string, number>,
  { quietMs = QUIET_MS, signal }: KillOptions = {},
): Promise<number> {
  let killed = 0;
  const stopping: Promise<number>[] = [];
  const start = system.heard;
  for (const kill of kills) {
    await hearUntil(system, start + kill.after * (end - start), { quietMs, signal });
    if (signal?.aborted) break;
    await delay(kill.delayMs);
    for (const [key, file] of await partFiles(system.pipeline)) if (!finished.has(key)) finished.set(key, file);
    if (kill.stops) stopping.push(system.pause(kill));
    else killed += await system.kill(kill);
  }
  await Promise.all(stopping);
  return killed;
}

/** Waits for so many facts, or until none came for a while. */
export async function hearUntil(
  system: ChaosSystem,
  wanted: number,
  { quietMs = QUIET_MS, signal }: { quietMs?: number; signal?: AbortSignal | undefined } = {},
): Promise<void> {
  for (let [heard, since] = [system.heard, Date.now()]; system.heard < wanted; await delay(2)) {
    if (system.heard > heard) [heard, since] = [system.heard, Date.now()];
    else if (Date.now() - since > quietMs || signal?.aborted) return;
  }
}
