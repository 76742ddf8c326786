import { type Chosen, type Failure, FailureCode, Stage } from "@polyreel/contract";
import type { CombinationRecord, DeliveryState } from "./batch-record.js";
import { stepOf } from "./combination-state.js";

/** Why deliveries failed, without what differs between them. See polyreel.v1.FailureCause. */
export interface FailureCause {
  /** Both empty if no choice of the combination is at fault. */
  readonly block: string;
  readonly choice: string;
  readonly code: FailureCode;
  readonly stage: Stage;
}

/** How far an attempt can come before it fails. */
export const causeStages: readonly Stage[] = [Stage.PLAN, Stage.JOIN, Stage.DELIVERY];

/** The cause of a failed delivery of a combination with these choices. */
export function causeOf(
  delivery: Pick<DeliveryState, "failure" | "plannedSequence" | "renderedSequence">,
  choices: readonly Chosen[],
): FailureCause {
  const { block = "", choice = "", code = FailureCode.UNSPECIFIED } = delivery.failure ?? {};
  const isChosen = choices.some((one) => one.block === block && one.choice === choice);
  return { ...(isChosen ? { block, choice } : { block: "", choice: "" }), code, stage: stageOf(delivery) };
}

/** A retry publishes the newest message again that was reached, so the later one belongs to the newest attempt. */
function stageOf({ plannedSequence, renderedSequence }: Pick<DeliveryState, "plannedSequence" | "renderedSequence">) {
  if (renderedSequence > plannedSequence) return Stage.DELIVERY;
  return plannedSequence > 0 ? Stage.JOIN : Stage.PLAN;
}

/** The distinct causes of a failed combination, each with the first failure that has it; none of another one. */
export function failureCauses(record: CombinationRecord): { cause: FailureCause; failure: Failure | undefined }[] {
  const found: { cause: FailureCause; failure: Failure | undefined }[] = [];
  if (stepOf(record) !== "failed") return found;
  for (const delivery of record.deliveries) {
    if (delivery?.step !== "failed") continue;
    const cause = causeOf(delivery, record.choices);
    if (!found.some((one) => isSameCause(one.cause, cause))) found.push({ cause, failure: delivery.failure });
  }
  return found;
}

/** Whether it is one of the wanted causes; true if none is wanted. */
export const isAmongCauses = (cause: FailureCause, wanted: readonly FailureCause[]): boolean =>
  wanted.length === 0 || wanted.some((one) => isSameCause(one, cause));

export const isSameCause = (one: FailureCause, other: FailureCause): boolean =>
  one.block === other.block && one.choice === other.choice && one.code === other.code && one.stage === other.stage;
