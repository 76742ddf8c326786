import { create } from "@bufbuild/protobuf";
import {
  CombinationState,
  type DeliveryStatus,
  type OutputStatus,
  OutputStatusSchema,
  type Step,
  StepSchema,
} from "@polyreel/contract";
import type { PlannedStep } from "./combination-steps.js";
import type { StepProgress } from "./waiting-work.js";

/** A step with its progress. */
export interface TrackedStep extends PlannedStep, StepProgress {
  readonly done: boolean;
}

interface TrackedOutput {
  readonly output: DeliveryStatus;
  /** Empty if unknown. */
  readonly steps: readonly TrackedStep[];
  /** Neither it nor its batch has ended, and it does not wait for approval. */
  readonly active: boolean;
  /** Empty before the layout. */
  readonly urlPath: string;
}

/** Progress of a combination's output in one of its destinations. */
export function outputStatus({ output, steps, active, urlPath }: TrackedOutput): OutputStatus {
  const { name, state, path, location, failure, rejectionReason } = output;
  const step = active ? currentStep(steps) : undefined;
  return create(OutputStatusSchema, {
    ...{ name, state, path, location, urlPath, rejectionReason },
    percent: state === CombinationState.DELIVERED ? 100 : percentOf(steps),
    ...(step && { step }),
    ...(failure && { failure }),
  });
}

/** Sums of fractions are not exact: 0.29 * 100 is slightly less than 29. */
const ROUNDING = 1e-9;

/** The completed share of the steps as a percentage, rounded down; 0 if they are unknown. */
function percentOf(steps: readonly TrackedStep[]): number {
  const done = steps.reduce((sum, step) => sum + (step.done ? 1 : (step.fraction ?? 0)), 0);
  return steps.length === 0 ? 0 : Math.floor((100 * done) / steps.length + ROUNDING);
}

/**
 * Parts are made concurrently; the layout and the delivery follow. Shows a part in progress, or else one that waits for
 * a retry, or else the first pending one.
 */
function currentStep(steps: readonly TrackedStep[]): Step | undefined {
  const left = steps.filter(({ done }) => !done);
  const parts = left.filter(({ part }) => part !== undefined);
  const candidates = parts.length > 0 ? parts : left.slice(0, 1);
  const current =
    candidates.find(({ fraction }) => fraction !== undefined) ??
    candidates.find(({ tryingAgain }) => tryingAgain !== undefined) ??
    candidates[0];
  if (!current) return undefined;
  const { stage, id, block, choice, fraction = 0, tryingAgain, index, count } = current;
  return create(StepSchema, { stage, id, block, choice, fraction, ...(tryingAgain && { tryingAgain }), index, count });
}
