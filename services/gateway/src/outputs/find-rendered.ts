import { PolyreelError } from "@polyreel/platform";
import type { EventStream } from "@polyreel/platform/stream";
import { type FactMessage, factAt } from "@polyreel/platform/stream";
import { COMBINATIONS, knownCombination } from "../batches/known-combination.js";
import type { Scope } from "../call/call.js";
import type { ReadModel } from "../read-model/read-model.js";

/** A rendered output of a combination. */
export interface RenderedOutput {
  readonly name: string;
  /** Position in the stream of its newest combination.rendered, which names its parts. */
  readonly sequence: number;
}

/** The rendered outputs of a combination, in the batch's order. Throws PolyreelError `not_found` if there are none. */
export async function renderedOutputs(
  model: ReadModel,
  batchId: string,
  combinationId: string,
  scope: Scope,
): Promise<RenderedOutput[]> {
  const { status, deliveries } = await knownCombination(model, batchId, combinationId, scope);
  const outputs = new Map<number, RenderedOutput>();
  for (const { number, output, renderedSequence } of deliveries) {
    const sequence = Math.max(renderedSequence, outputs.get(output)?.sequence ?? 0);
    if (sequence > 0) outputs.set(output, { name: status.outputs[number]?.name ?? "", sequence });
  }
  if (outputs.size > 0) return [...outputs.values()];
  throw new PolyreelError("not_found", {
    field: "combination_id",
    reason: `Combination ${combinationId} is not rendered.`,
    remedy: COMBINATIONS,
  });
}

/** That fact. Throws PolyreelError `not_found` if the stream no longer has it. */
export async function renderedFact(
  stream: EventStream,
  sequence: number,
): Promise<FactMessage<"combination.rendered">> {
  const message = await factAt(stream, sequence);
  if (message?.name === "combination.rendered") return message;
  throw new PolyreelError("not_found", {
    reason: "The event stream no longer holds how this video is made.",
    remedy: "Submit the batch again: its parts are used again.",
  });
}
