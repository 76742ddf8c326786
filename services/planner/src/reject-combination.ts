import {
  countOf,
  deliveriesPlanned,
  deliveryMessageId,
  maskOf,
  plannedDeliveries,
  shortMask,
} from "@polyreel/contract";
import type { Platform } from "@polyreel/pipeline";
import type { FactMessage } from "@polyreel/platform/stream";
import { activeTraceId } from "@polyreel/platform/telemetry";
import { outputsIn, type Republishable } from "./republish.js";

/** Publishes that a combination's deliveries in the mask, which waited for approval, were rejected. */
export async function rejectCombination(
  first: Republishable,
  mask: bigint,
  { batchId, fact: { attempt, rework }, traceparent }: FactMessage<"batch.resumed">,
  { publisher, telemetry }: Pick<Platform, "publisher" | "telemetry">,
): Promise<void> {
  const { combination } = first.fact;
  const deliveries = deliveriesPlanned(outputsIn(first, mask));
  const [firstDelivery] = deliveries;
  if (!combination || firstDelivery === undefined) return;
  const { id: combinationId, ordinal, choices } = combination;
  const count =
    first.name === "combination.planned" ? plannedDeliveries(first.fact) : countOf(first.fact.deliveryCount);
  const links = [first.traceparent, traceparent];
  const attributes = {
    "polyreel.batch.id": batchId,
    "polyreel.combination.id": combinationId,
    "polyreel.attempt": attempt,
  };
  await telemetry.span("reject combination", { parent: null, links, attributes }, () => {
    const about = { batchId, attempt, combinationId, ordinal, choices, deliveryCount: first.fact.deliveryCount };
    const decided = { deliveries: shortMask(maskOf(deliveries), count), reason: rework?.reason ?? "" };
    const id = deliveryMessageId(combinationId, firstDelivery);
    return publisher.publish(
      "combination.rejected",
      { ...about, ...decided, traceId: activeTraceId() },
      { id, attempt },
    );
  });
}
