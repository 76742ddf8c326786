import type { Workshop } from "./workshop.js";

/** Requirement for a figure; `within`: a ratio of predicted to actual values, this much more or less than 1. */
export type Goal = { readonly atMost: number } | { readonly atLeast: number } | { readonly within: number };

export interface FigureAbout {
  /** Figures with a goal are results; the others are context that depends on the machine. */
  readonly goal?: Goal;
  readonly unit: "x" | "ms" | "s" | "MB" | "B/s" | "/s" | "%" | "";
  readonly about: string;
  /** When it is skipped: in quick runs, or without real recordings (../shared/media). */
  readonly unless?: "quick" | "no media";
}

/** A measurement with its figures. docs/benchmarks.md explains each figure. */
export interface Benchmark {
  /** Shown while it runs. */
  readonly title: string;
  readonly figures: Readonly<Record<string, FigureAbout>>;
  readonly run: (workshop: Workshop) => Promise<Readonly<Record<string, number>>>;
  /** Takes so long that it runs only if named. */
  readonly apart?: true;
  /** Too long for quick runs. */
  readonly long?: true;
}

/** The machine lacks the resources for a benchmark; the others continue. */
export class LeftOut extends Error {}

export function reached(value: number, goal: Goal): boolean {
  if ("within" in goal) return Math.abs(value - 1) <= goal.within;
  return "atMost" in goal ? value <= goal.atMost : value >= goal.atLeast;
}

/** Runs it, and checks that it returns exactly the figures that it declares. */
export async function measured({ title, figures, run }: Benchmark, workshop: Workshop) {
  const values = await run(workshop);
  const undeclared = Object.keys(values).filter((name) => !(name in figures));
  const missing = Object.keys(figures).filter((name) => !(name in values) && !figures[name]?.unless);
  if (undeclared.length > 0 || missing.length > 0) {
    throw new Error(`${title}: reported without being declared: ${undeclared}; declared and not reported: ${missing}.`);
  }
  return values;
}
