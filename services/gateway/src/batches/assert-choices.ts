import type { Chosen } from "@polyreel/contract";
import { readSpecification } from "@polyreel/pipeline";
import { PolyreelError } from "@polyreel/platform";
import { type Store, scopedStore } from "@polyreel/platform/blobs";
import { unknownChoice } from "@polyreel/spec";
import type { KnownBatch } from "../read-model/read-model.js";

/**
 * Checks choices that select nothing: throws PolyreelError `invalid` for a block or choice that the batch does not have.
 * `field` is that of the list.
 */
export async function assertChoices(
  store: Store,
  { status: { batchId, tenant }, specSha256 }: KnownBatch,
  choices: readonly Chosen[],
  field: string,
): Promise<void> {
  if (choices.length === 0) return;
  const batch = await readSpecification(scopedStore(store, tenant), { batchId, specSha256 });
  const mistake = unknownChoice(batch, choices, field);
  if (mistake) throw new PolyreelError("invalid", mistake);
}
