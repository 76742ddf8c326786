import type { Batch, Chosen } from "@polyreel/contract";
import { normalizeBatch, selectionOf } from "@polyreel/spec";
import { contentsOf } from "./contents.js";

/** A combination by its choices, the canvas's among several first. */
export type Choices = readonly Pick<Chosen, "block" | "choice">[];

/** What two batches have in common, combination by combination: they are the same where their choices' labels are. */
export interface Comparison {
  /** With the same content. */
  readonly kept: number;
  /** By the same labels, with something else behind them. */
  readonly changed: readonly Choices[];
  readonly added: readonly Choices[];
  readonly removed: readonly Choices[];
}

/** Compares the combinations that two batches, whose sources are bound, make. Throws SpecError where rules are wrong. */
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

/** Others get a turn after so many. */
const AT_A_TIME = 1000;

async function* combinationsOf(
  batch: Batch,
  signal: AbortSignal,
): AsyncGenerator<{ choices: Choices; content: string }> {
  const full = normalizeBatch(batch);
  const contents = contentsOf(full);
  const selection = selectionOf(full);
  await selection.prepare(signal);
  for (const { positions, canvas, ordinal } of selection.combinations()) {
    if (ordinal % AT_A_TIME === 0) await new Promise(setImmediate);
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
