import type { Chosen } from "@polyreel/contract";
import { readSpecification } from "@polyreel/pipeline";
import { PolyreelError } from "@polyreel/platform";
import { type Store, scopedStore } from "@polyreel/platform/blobs";
import { choicesOf, nearest, quote, quoteAll } from "@polyreel/spec";
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
  const { blocks } = await readSpecification(scopedStore(store, tenant), { batchId, specSha256 });
  const labels = new Map(blocks.map((block) => [block.name, choicesOf(block).map(({ label }) => label)]));
  for (const [i, { block, choice }] of choices.entries()) {
    const known = labels.get(block);
    if (!known) {
      throw unknown(`${field}[${i}].block`, `The batch has no block ${quote(block)}.`, block, [...labels.keys()]);
    }
    if (!known.includes(choice)) {
      const reason = `Block ${quote(block)} has no choice ${quote(choice)}.`;
      throw unknown(`${field}[${i}].choice`, reason, choice, known).at({ block, choice });
    }
  }
}

function unknown(field: string, reason: string, name: string, known: readonly string[]): PolyreelError {
  const near = nearest(name, known);
  const remedy = `${near ? `Did you mean ${quote(near)}? ` : ""}It has ${quoteAll(known)}.`;
  return new PolyreelError("invalid", { field, reason, remedy });
}
