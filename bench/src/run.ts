import { benchClip } from "./clip/bench-clip.js";
import { benchJoin } from "./join/bench-join.js";
import { benchBatch } from "./pipeline/bench-batch.js";
import { benchEstimate } from "./plan/bench-estimate.js";
import { benchPlan } from "./plan/bench-plan.js";
import { machine } from "./report/machine.js";
import type { Report } from "./report/table.js";
import { FULL, QUICK } from "./scale.js";
import { benchSound } from "./sound/bench-sound.js";
import { openWorkshop, type Workshop } from "./workshop.js";

const BENCHMARKS: readonly (readonly [string, (workshop: Workshop) => Promise<Record<string, number>>])[] = [
  ["joining ready parts", benchJoin],
  ["soundtracks", benchSound],
  ["one clip", benchClip],
  ["a batch of 27", benchBatch],
  ["planning", benchPlan],
  ["estimates", benchEstimate],
];

/** Runs all benchmarks, one after the other; `tell` hears which one begins. */
export async function run(
  { quick, signal }: { quick: boolean; signal: AbortSignal },
  tell: (title: string) => void,
): Promise<Report> {
  await using workshop = await openWorkshop(quick ? QUICK : FULL, signal);
  const began = performance.now();
  const figures: Record<string, number> = {};
  const before = machine();
  for (const [title, bench] of BENCHMARKS) {
    signal.throwIfAborted();
    tell(title);
    Object.assign(figures, await bench(workshop));
  }
  const rounded = Object.entries(figures).map(([name, value]) => [name, Number(value.toPrecision(4))]);
  const runSeconds = Math.round((performance.now() - began) / 1000);
  return { ...Object.fromEntries(rounded), quick, runSeconds, ...before };
}
