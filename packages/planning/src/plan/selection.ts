import type { Batch } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { SpecError } from "@polyreel/spec";
import { type Selection, selectionOf as specSelectionOf } from "@polyreel/spec/selection";

export type { Selected, Selection } from "@polyreel/spec/selection";

/**
 * The combinations of a normalised batch, in a stable order. `earlier`: the samples that it continues, oldest first,
 * also normalised. Await `count()` or `prepare()` before `combinations()`: they share the work with the event loop.
 * Throws PolyreelError `invalid` for invalid links or rules.
 */
export function selectionOf(batch: Batch, earlier: readonly Batch[] = []): Selection {
  const selection = tellingMistakes(() => specSelectionOf(batch, earlier));
  return {
    count: (signal) => selection.count(signal).catch(tellMistake),
    prepare: (signal) => selection.prepare(signal).catch(tellMistake),
    combinations: (waves) => tellingMistakes(() => selection.combinations(waves)),
  };
}

function tellingMistakes<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    return tellMistake(error);
  }
}

function tellMistake(error: unknown): never {
  throw error instanceof SpecError ? new PolyreelError("invalid", error.mistakes[0], { cause: error }) : error;
}
