import { type Benchmark, LeftOut, measured } from "./benchmark.js";
import { BENCHMARKS } from "./benchmarks.js";
import { watchOthers } from "./measure/others.js";
import { openPipeline, SharedPipeline } from "./pipeline/open-pipeline.js";
import { Predictions } from "./plan/predictions.js";
import { machine } from "./report/machine.js";
import type { ShownProgress } from "./report/progress.js";
import type { Report } from "./report/table.js";
import { FULL, QUICK } from "./scale.js";
import { openWorkshop } from "./workshop.js";

export interface RunOptions {
  readonly quick: boolean;
  /** Names of benchmarks or of figures; empty for all benchmarks, except those that run only if named. */
  readonly only: readonly string[];
  readonly signal: AbortSignal;
}

/** Runs benchmarks one after the other, each in a workshop of its own. */
export async function run(
  { quick, only, signal }: RunOptions,
  { print, leaveOut }: Pick<ShownProgress, "print" | "leaveOut">,
): Promise<Report> {
  const chosen = choose(only).filter(({ long }) => !(quick && long) || only.length > 0);
  const began = performance.now();
  const figures: Record<string, number> = {};
  const before = machine();
  const others = watchOthers();
  // Services take long to start. Quick runs share them: their figures mean nothing.
  await using shared = new SharedPipeline();
  const pipeline = (env?: NodeJS.ProcessEnv) => (quick && !env ? shared.open() : openPipeline(env));
  const predictions = new Predictions();
  const scale = quick ? QUICK : FULL;
  for (const [i, benchmark] of chosen.entries()) {
    signal.throwIfAborted();
    print({ title: benchmark.title, number: i + 1, count: chosen.length });
    await using workshop = await openWorkshop({ scale, signal, pipeline, predictions });
    try {
      Object.assign(figures, await measured(benchmark, workshop));
    } catch (error) {
      if (!(error instanceof LeftOut)) throw error;
      leaveOut(benchmark.title, error.message);
    }
  }
  const rounded = Object.entries(figures).map(([name, value]) => [name, Number(value.toPrecision(4))]);
  const runSeconds = Math.round((performance.now() - began) / 1000);
  return { ...Object.fromEntries(rounded), quick, runSeconds, ...before, othersCpuPercent: Math.round(others()) };
}

/** The benchmarks with these names, or with figures of these names. Throws if there is none. */
export function choose(only: readonly string[]): Benchmark[] {
  const all = Object.entries(BENCHMARKS);
  const isOf =
    (wanted: string) =>
    ([name, { figures }]: (typeof all)[number]) =>
      name === wanted || wanted in figures;
  const unknown = only.filter((wanted) => !all.some(isOf(wanted)));
  if (unknown.length > 0) {
    const names = all.map(([name]) => name).join(", ");
    throw new Error(`There is no benchmark or figure ${unknown.join(", ")}. Benchmarks: ${names}.`);
  }
  const chosen =
    only.length === 0
      ? all.filter(([, { apart }]) => !apart)
      : all.filter((one) => only.some((wanted) => isOf(wanted)(one)));
  return chosen.map(([, benchmark]) => benchmark);
}
