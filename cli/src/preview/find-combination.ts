import { setImmediate } from "node:timers/promises";
import { clone } from "@bufbuild/protobuf";
import { type Batch, BatchSchema, type Chosen } from "@polyreel/contract";
import { combinationId } from "@polyreel/planning/plan";
import { PolyreelError } from "@polyreel/platform";
import { choicesOf, normalizeBatch, SpecError, unknownChoice } from "@polyreel/spec";
import { type Selected, selectionOf } from "@polyreel/spec/selection";

/** What a combination must be; with neither, the first one is meant. */
export interface Wanted {
  readonly id?: string | undefined;
  /** Of one block any of them, of different blocks all. */
  readonly choices: readonly Pick<Chosen, "block" | "choice">[];
}

/** Yields to the event loop after this many. */
const YIELD_EVERY = 10_000;

/** The batch's normalised form without a sample: every combination that its rules keep can be seen. */
export function everyCombination(batch: Batch): Batch {
  const whole = clone(BatchSchema, batch);
  delete whole.sample;
  whole.continues = "";
  return normalizeBatch(whole);
}

/** The combinations of a batch of `everyCombination`, without blocking. Throws PolyreelError for mistakes in its rules. */
export async function* combinationsOf(batch: Batch): AsyncGenerator<Selected> {
  try {
    const selection = selectionOf(batch);
    await selection.prepare();
    for (const selected of selection.combinations()) {
      if (selected.ordinal % YIELD_EVERY === 0) await setImmediate();
      yield selected;
    }
  } catch (error) {
    throw error instanceof SpecError ? new PolyreelError("invalid", error.mistakes[0], { cause: error }) : error;
  }
}

/** The first combination that is wanted. Throws PolyreelError if there is none. */
export async function findCombination(batch: Batch, { id, choices }: Wanted): Promise<Selected> {
  const full = everyCombination(batch);
  const unknown = unknownChoice(full, choices, "--choice");
  if (unknown) throw new PolyreelError("invalid", { ...unknown, field: "--choice" });
  const canvases = full.canvases.map(({ label }) => ({ block: "canvas", choice: label }));
  const blocks = full.blocks.map((block) =>
    choicesOf(block).map(({ label }) => ({ block: block.name, choice: label })),
  );
  for await (const selected of combinationsOf(full)) {
    const { positions, canvas } = selected;
    const stage = canvases.slice(canvas, canvas + 1);
    const chosen = [...stage, ...blocks.flatMap((labels, block) => labels[positions[block] ?? 0] ?? [])];
    if (id !== undefined && combinationId(chosen) !== id) continue;
    const label = new Map(chosen.map(({ block, choice }) => [block, choice]));
    const isWanted = ({ block }: Pick<Chosen, "block">) =>
      choices.some((any) => any.block === block && any.choice === label.get(block));
    if (choices.every(isWanted)) return selected;
  }
  throw new PolyreelError("not_found", {
    reason:
      id === undefined ? "The batch makes no such combination." : `The batch has no combination ${JSON.stringify(id)}.`,
    remedy: "Name it by its choices, as in --choice hook=flower; rules (where) leave some combinations out.",
  });
}
