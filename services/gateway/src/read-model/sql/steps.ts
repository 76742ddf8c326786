import type { CombinationStep } from "../batch-record.js";

/** Meanings of stored numbers. Append only. */
export const steps: readonly CombinationStep[] = ["planned", "rendered", "failed", "delivered", "awaiting", "rejected"];

/** The mark of a state, in the number space of choices, below those. */
export const markOfStep = (step: CombinationStep): number => -1 - steps.indexOf(step);
