import type { Batch, Chosen } from "@polyreel/contract";
import { normalizeBatch } from "@polyreel/spec";
import { selectionOf } from "@polyreel/spec/selection";
import { contentsOf } from "./contents.js";

/** The choices of a combination, the canvas first if there are several. */
export type Choices = readonly Pick<Chosen, "block" | "choice">[];

/** How the combinations of two batches compare. Combinations correspond if the labels of their choices are equal. */
export interface Comparison {
  /** Same labels, same content. */
  readonly kept: number;
  /** Same labels, different content. */
  readonly changed: readonly Choices[];
  readonly added: readonly Choices[];
  readonly removed: readonly Choices[];
}

/** Compares the combinations of two batches whose sources are bound. Throws SpecError if a batch's rules are invalid. */
export async function compareBatches(before: Batch, after: Batch, signal: AbortSignal): Promise<Comparison> {
  const old = new Map<string, string>();
  const oldChoices = new Map<string, Choices>();
  for await (const { choices, content } of combinationsOf(before, signal)) {
    const key = keyOf(choices);
    old.set(key, content);
    oldChoices.set(key, choices);
  }
  let kept = 0;
  const changed: Choices[] = [];
  const added: Choices[] = [];
  for await (const { choices, content } of combinationsOf(after, signal)) {
    const key = keyOf(choices);
    if (!oldChoices.delete(key)) added.push(choices);
    else if (old.get(key) === content) kept++;
    else changed.push(choices);
  }
  return { kept, changed, added, removed: [...oldChoices.values()] };
}

const keyOf = (choices: Choices): string => JSON.stringify(choices.map(({ block, choice }) => [block, choice]));

/** Yields to the event loop after this many. */
const YIELD_EVERY = 1000;

async function* combinationsOf(
  batch: Batch,
  signal: AbortSignal,
): AsyncGenerator<{ choices: Choices; content: string }> {
  const full = normalizeBatch(batch);
  const contents = contentsOf(full);
  const selection = selectionOf(full);
  await selection.prepare(signal);
  for (const { positions, canvas, ordinal } of selection.combinations()) {
    if (ordinal % YIELD_EVERY === 0) await new Promise(setImmediate);
    signal.throwIfAborted();
    const chosen = contents.blocks.map((choices, block) => choices[positions[block] ?? 0] ?? contents.none);
    const stage = contents.canvases[canvas] ?? contents.none;
    const named = full.canvases.length > 0 ? [stage, ...chosen] : chosen;
    yield {
      choices: named.map(({ block, choice }) => ({ block, choice })),
      content: [stage, ...chosen].map(({ content }) => content).join("\n"),
    };
  }
}
