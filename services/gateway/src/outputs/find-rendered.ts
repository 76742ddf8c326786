import { PolyreelError } from "@polyreel/platform/errors.js";
import { factAt, type Told } from "@polyreel/platform/nats/follow.js";
import type { EventStream } from "@polyreel/platform/nats/stream.js";
import { COMBINATIONS, knownCombination } from "../batches/known-combination.js";
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
  const { renderedSequence: sequence } = await knownCombination(model, batchId, combinationId, scope);
  if (sequence > 0) return sequence;
  throw new PolyreelError("not_found", {
    field: "combination_id",
    reason: `Combination ${combinationId} is not rendered.`,
    remedy: COMBINATIONS,
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
