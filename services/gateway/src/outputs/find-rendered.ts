import { PolyreelError } from "@polyreel/platform/errors.js";
import { factAt, type Told } from "@polyreel/platform/nats/follow.js";
import type { EventStream } from "@polyreel/platform/nats/stream.js";
import { knownBatch } from "../batches/known-batch.js";
import type { Scope } from "../call/call.js";
import type { ReadModel } from "../read-model/read-model.js";

/**
 * Position in the stream of the newest fact that a combination was rendered, which names its parts. Throws PolyreelError
 * `not_found`.
 */
export async function renderedSequence(
  model: ReadModel,
  batchId: string,
  combinationId: string,
  scope: Scope,
): Promise<number> {
  await model.reached(0);
  const known = await model.combination(batchId, combinationId, scope);
  if (known?.renderedSequence) return known.renderedSequence;
  await knownBatch(model, batchId, scope); // or that is what is missing
  throw new PolyreelError("not_found", {
    field: "combination_id",
    reason: known
      ? `Combination ${combinationId} is not rendered.`
      : `The batch has no combination ${JSON.stringify(combinationId)}.`,
    remedy: "ListCombinations tells the combinations of a batch and how far they came.",
  });
}

/** That fact. Throws PolyreelError `not_found` where the stream keeps it no longer. */
export async function renderedFact(stream: EventStream, sequence: number): Promise<Told<"combination.rendered">> {
  const told = await factAt(stream, sequence);
  if (told?.name === "combination.rendered") return told;
  throw new PolyreelError("not_found", {
    reason: "The event stream no longer holds how this video is made.",
    remedy: "Submit the batch again: its parts are used again.",
  });
}
