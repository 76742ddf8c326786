import { PolyreelError } from "@polyreel/platform";
import type { Scope } from "../call/call.js";
import type { KnownCombination, ReadModel } from "../read-model/read-model.js";
import { knownBatch } from "./known-batch.js";

/** What is known of a combination. Throws PolyreelError `not_found`, for its batch if that is missing. */
export async function knownCombination(
  model: ReadModel,
  batchId: string,
  combinationId: string,
  scope: Scope,
): Promise<KnownCombination> {
  await model.reached(0);
  const known = await model.combination(batchId, combinationId, scope);
  if (known) return known;
  await knownBatch(model, batchId, scope);
  throw new PolyreelError("not_found", {
    field: "combination_id",
    reason: `The batch has no combination ${JSON.stringify(combinationId)}.`,
    remedy: COMBINATIONS,
  });
}

/** Hint for unknown combinations. */
export const COMBINATIONS =
  "ListCombinations, or `polyreel list <batch id>`, lists the combinations of a batch and their states.";
