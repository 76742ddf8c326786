import type { CombinationStep } from "../batch-record.js";

/** What the tables' numbers stand for. Only ever added to. */
export const steps: readonly CombinationStep[] = ["planned", "rendered", "failed", "delivered", "awaiting", "rejected"];

/** What stands for a state where choices have their numbers: below those. */
export const markOfStep = (step: CombinationStep): number => -1 - steps.indexOf(step);
