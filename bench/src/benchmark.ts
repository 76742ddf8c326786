import type { Workshop } from "./workshop.js";

/** What of a figure is asked for; `within`: of what was foretold over what came, so much more or less than 1. */
export type Goal = { readonly atMost: number } | { readonly atLeast: number } | { readonly within: number };

export interface FigureAbout {
  /** Figures with a goal are results; the others are context, true of the machine and the hour. */
  readonly goal?: Goal;
  readonly unit: "x" | "ms" | "s" | "MB" | "B/s" | "/s" | "%" | "";
  readonly about: string;
  /** When it is left out: of quick runs, or where there is no media that cameras made (../shared/media). */
  readonly unless?: "quick" | "no media";
}

/** One measurement: the figures it gives, and how. docs/benchmarks.md explains each figure. */
export interface Benchmark {
  /** As people read it while it runs. */
  readonly title: string;
  readonly figures: Readonly<Record<string, FigureAbout>>;
  readonly run: (workshop: Workshop) => Promise<Readonly<Record<string, number>>>;
  /** Takes so long that it runs only where it is named. */
  readonly apart?: true;
  /** Takes too long for quick runs. */
  readonly long?: true;
}

/** There is no room for a benchmark here and now; the others go on. */
export class LeftOut extends Error {}

export function reached(value: number, goal: Goal): boolean {
  if ("within" in goal) return Math.abs(value - 1) <= goal.within;
  return "atMost" in goal ? value <= goal.atMost : value >= goal.atLeast;
}

/** Runs it, and holds it to the figures that it declares: one that nobody explains, or that silently goes missing, is a mistake. */
export async function measured({ title, figures, run }: Benchmark, workshop: Workshop) {
  const told = await run(workshop);
  const undeclared = Object.keys(told).filter((name) => !(name in figures));
  const missing = Object.keys(figures).filter((name) => !(name in told) && !figures[name]?.unless);
  if (undeclared.length > 0 || missing.length > 0) {
    throw new Error(`${title}: told without being declared: ${undeclared}; declared and not told: ${missing}.`);
  }
  return told;
}
