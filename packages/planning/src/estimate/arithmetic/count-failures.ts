import { PolyreelError } from "@polyreel/platform";
import { neededBy } from "@polyreel/spec";
import type { Blueprint } from "../../plan/blueprint.js";
import { Chooser, pictureless } from "../../plan/choose.js";
import type { PartialKnowledge } from "../certain-failures.js";
import { FailureCounts } from "../failure-counts.js";
import { Budget } from "./budget.js";
import { type PictureContext, type PictureState, Pictures } from "./pictures.js";
import { type Part, partsOf, type Scope, scopesOf } from "./scope.js";

/**
 * Counts the combinations that planning would reject, by their first failure in the order in which planning finds them:
 * choices by block, clips too short for their transitions, voices, other sounds, and the picture behind a canvas.
 */
export function* countFailures(blueprint: Blueprint, knowledge: PartialKnowledge): Generator<void, FailureCounts> {
  const counts = new FailureCounts();
  const budget = new Budget();
  // Lengths matter only in combinations whose sources are known.
  const chooser = new Chooser(blueprint, knowledge.favourable ?? knowledge);
  const isCertain = (fault: PolyreelError) => !knowledge.isUnknown?.(fault);
  let states = 0;
  const context = { blueprint, budget, nextId: () => states++ };
  for (const part of partsOf(blueprint)) {
    countFaults(part, { chooser, isCertain, counts });
    const fault = pictureFault(part, blueprint, chooser);
    const laid = { ...context, fault: fault && isCertain(fault) ? fault : undefined, counts };
    const options = part.positions.map((some, block) =>
      some.filter((position) => chooser.resolve(part.canvas, block, position).kind !== "fault"),
    );
    counts.add(pictureless().failure, picturelessIn({ ...part, positions: options }, blueprint, chooser));
    for (const scope of scopesOf(part, blueprint, chooser)) yield* countInScope(scope, laid);
  }
  return counts;
}

/** Adds combinations with a choice that fails in any combination. */
function countFaults(
  { canvas, positions }: Part,
  {
    chooser,
    isCertain,
    counts,
  }: { chooser: Chooser; isCertain: (fault: PolyreelError) => boolean; counts: FailureCounts },
): void {
  let before = 1;
  for (const [block, some] of positions.entries()) {
    const after = productOf(positions.slice(block + 1));
    const faults = some.flatMap((position) => {
      const resolved = chooser.resolve(canvas, block, position);
      return resolved.kind === "fault" && isCertain(resolved.fault) ? [resolved.fault] : [];
    });
    for (const { failure } of faults) counts.add(failure, before * after);
    before *= some.length - faults.length;
  }
}

/** Number of combinations of valid choices that show nothing. */
function picturelessIn({ canvas, positions }: Part, { batch }: Blueprint, chooser: Chooser): number {
  return productOf(
    positions.map((some, block) =>
      batch.blocks[block]?.kind.case === "video"
        ? some.filter((position) => chooser.resolve(canvas, block, position).kind !== "video")
        : some,
    ),
  );
}

/** Why the picture behind a canvas cannot be used; undefined if it can, or if it is not needed. */
function pictureFault({ canvas }: Part, { batch }: Blueprint, chooser: Chooser): PolyreelError | undefined {
  if (!neededBy(batch.outputs).clips) return undefined;
  try {
    chooser.picture(canvas);
    return undefined;
  } catch (error) {
    if (!(error instanceof PolyreelError) || error.code !== "invalid") throw error;
    return error;
  }
}

interface Laid extends PictureContext {
  /** Why no clip on the canvas can be made. */
  readonly fault: PolyreelError | undefined;
  readonly counts: FailureCounts;
}

/** Adds combinations of valid choices whose timeline is impossible, and those on an impossible canvas. */
function* countInScope(scope: Scope, { counts, fault, ...context }: Laid): Generator<void, void> {
  const pictures = new Pictures(scope, context);
  const { options } = scope;
  const isEnd = (block: number) => options[block]?.some(({ resolved }) => ["voice", "sound"].includes(resolved.kind));
  const notVideo = options.filter((_, block) => !pictures.isVideo(block));
  const textsAndSilence = productOf(options.filter((_, block) => !pictures.isVideo(block) && !isEnd(block)));
  let reached = new Map([[pictures.begin(), 1]]);
  while (reached.size > 0) {
    const further = new Map<PictureState, number>();
    for (const [state, before] of reached) {
      if (pictures.isWhole(state)) {
        const ends = yield* pictures.ends(state);
        for (const { failure, count } of ends.failures) counts.add(failure, before * count * textsAndSilence);
        if (!fault) continue;
        const made = ends.ends.reduce((sum, { count }) => sum + count, 0);
        counts.add(fault.failure, before * made * textsAndSilence);
      } else {
        const { possible, failures } = yield* pictures.steps(state);
        const rest = productOf(pictures.blocksAfter(state).map((block) => options[block] ?? []));
        for (const failure of failures) counts.add(failure, before * rest * productOf(notVideo));
        for (const { next } of possible) further.set(next, (further.get(next) ?? 0) + before);
      }
    }
    reached = further;
  }
}

const productOf = (some: readonly { readonly length: number }[]): number =>
  some.reduce((product, { length }) => product * length, 1);
