import type { Batch } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { type Selection, SpecError, selectionOf as specSelectionOf } from "@polyreel/spec";

export type { Selected, Selection } from "@polyreel/spec";

/**
 * The combinations that a normalised batch makes, in a stable order. `earlier`: the samples that it continues, the oldest
 * first, normalised too. Await `count()` or `prepare()` before `combinations()`: they share the work with the event loop.
 * Throws PolyreelError `invalid` where links or rules are wrong.
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
