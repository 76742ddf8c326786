import { cpuSeconds } from "./cpu.js";

export interface Measured {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
}

/** Measures some work. Nothing else may run in this process meanwhile. */
export async function measure(work: () => unknown): Promise<Measured> {
  const wall = performance.now();
  const cpu = cpuSeconds();
  await work();
  return { cpuSeconds: cpuSeconds() - cpu, wallSeconds: (performance.now() - wall) / 1000 };
}

/**
 * Measures several kinds of work alternately, so that other load on the machine affects all of them alike, and returns
 * the median of each. A first round (-1) is not counted: it fills caches and warms up code. `tidy` runs after each,
 * unmeasured.
 */
export async function inTurns<Name extends string>(
  rounds: number,
  works: Readonly<Record<Name, (round: number) => unknown>>,
  { warmUp = true, tidy }: { warmUp?: boolean; tidy?: () => unknown } = {},
): Promise<Record<Name, Measured>> {
  const names = Object.keys(works) as Name[];
  const taken = Object.fromEntries(names.map((name) => [name, [] as Measured[]])) as Record<Name, Measured[]>;
  for (let round = warmUp ? -1 : 0; round < rounds; round++) {
    for (const name of names) {
      const measured = await measure(() => works[name](round));
      await tidy?.();
      if (round >= 0) taken[name].push(measured);
    }
  }
  const medians = names.map((name) => {
    const wallSeconds = median(taken[name].map((one) => one.wallSeconds));
    return [name, { wallSeconds, cpuSeconds: median(taken[name].map((one) => one.cpuSeconds)) }];
  });
  return Object.fromEntries(medians) as Record<Name, Measured>;
}

/** NaN for an empty list. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle) - 1] ?? NaN)) / 2;
}
