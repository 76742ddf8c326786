import { clone } from "@bufbuild/protobuf";
import {
  ApprovalDecision,
  type CombinationPlanned,
  CombinationPlannedSchema,
  type CombinationRendered,
  CombinationRenderedSchema,
  deliveriesPlanned,
  deliveryMessageId,
  lacksPictures,
  type OutputPlan,
  onlyDeliveries,
  outputPlansOf,
  plannedDeliveries,
  type Rework,
  renderedPlan,
  shortCount,
} from "@polyreel/contract";
import type { Platform } from "@polyreel/pipeline";
import { approved, retarget } from "@polyreel/planning/plan";
import type { FactMessage } from "@polyreel/platform/stream";

/** A message of a combination that can be published again. */
export type Republishable = FactMessage<"combination.planned"> | FactMessage<"combination.rendered">;

/** Narrows a message of the stream; undefined if it is not a republishable message of this batch. */
export function republishable(message: FactMessage | undefined, batchId: string): Republishable | undefined {
  if (message?.batchId !== batchId) return undefined;
  return message.name === "combination.planned" || message.name === "combination.rendered" ? message : undefined;
}

/** The message's outputs, restricted to deliveries in the mask (0n: all). */
export const outputsIn = (first: Republishable, mask: bigint): OutputPlan[] =>
  onlyDeliveries(first.name === "combination.planned" ? outputPlansOf(first.fact) : [renderedPlan(first.fact)], mask);

/**
 * Publishes a message again in a resumed run, for the deliveries in the mask: with that run's attempt, in a new trace
 * that links to the first message and to the request to resume.
 */
export async function republish(
  first: Republishable,
  mask: bigint,
  { batchId, fact: { attempt, rework }, sequence, traceparent }: FactMessage<"batch.resumed">,
  { publisher, telemetry }: Pick<Platform, "publisher" | "telemetry">,
): Promise<void> {
  const outputs = outputsIn(first, mask);
  const [delivery] = deliveriesPlanned(outputs);
  if (delivery === undefined) return;
  const combinationId = first.fact.combination?.id ?? "";
  const id = deliveryMessageId(combinationId, delivery);
  const attributes = {
    "polyreel.batch.id": batchId,
    "polyreel.combination.id": combinationId,
    "polyreel.attempt": attempt,
  };
  const links = [first.traceparent, traceparent];
  await telemetry.span("replay combination", { parent: null, links, attributes }, async () => {
    if (first.name === "combination.rendered") {
      const fact = { ...renderedAgain(first.fact, outputs, rework), attempt, losses: 0 };
      await publisher.publish(first.name, fact, { id, attempt });
      return;
    }
    const partsAfter = rework?.force ? BigInt(sequence) : 0n;
    const fact = { ...plannedAgain(first.fact, outputs, rework), attempt, losses: 0, again: true, partsAfter };
    await publisher.publish(first.name, fact, { id, attempt });
  });
}

function plannedAgain(first: CombinationPlanned, outputs: readonly OutputPlan[], rework: Rework | undefined) {
  const fact = clone(CombinationPlannedSchema, first);
  fact.deliveryCount = shortCount(plannedDeliveries(first));
  fact.outputs = outputs.map((output) => bound(output, rework));
  delete fact.target;
  return fact;
}

function renderedAgain(first: CombinationRendered, [output]: readonly OutputPlan[], rework: Rework | undefined) {
  const fact = clone(CombinationRenderedSchema, first);
  // Its pictures were never made: the uploader has it planned again.
  if (lacksPictures(first) && fact.target) fact.target = retarget(fact.target, rework);
  else if (output) {
    fact.outputPlan = boundApproved(output, rework);
    delete fact.target;
  }
  return fact;
}

/** Only laid-out outputs can be approved: outputs planned again wait for approval again. */
const bound = (output: OutputPlan, rework: Rework | undefined): OutputPlan => ({
  ...output,
  targets: output.targets.map((target) => retarget(target, rework)),
});

const boundApproved = (output: OutputPlan, rework: Rework | undefined): OutputPlan => {
  const plan = bound(output, rework);
  return rework?.decision === ApprovalDecision.APPROVED ? { ...plan, targets: plan.targets.map(approved) } : plan;
};
