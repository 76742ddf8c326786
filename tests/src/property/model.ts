import type { DrawnBatch, DrawnBlock, DrawnChoice } from "./draw-batch.js";

/** A combination by brute force: a choice for every block. */
export interface ModelCombination {
  readonly canvas: string;
  readonly picked: readonly { readonly block: DrawnBlock; readonly choice: DrawnChoice }[];
}

/**
 * All combinations that a batch should make, in order, by brute force: every choice with every other, without those
 * that links and rules forbid.
 */
export function modelOf({ canvases, blocks, rules }: DrawnBatch): ModelCombination[] {
  let all: ModelCombination[] = (canvases.length > 0 ? canvases : [""]).map((canvas) => ({ canvas, picked: [] }));
  for (const block of blocks) {
    all = all.flatMap(({ canvas, picked }) =>
      block.choices.map((choice) => ({ canvas, picked: [...picked, { block, choice }] })),
    );
  }
  return all.filter(
    (one) =>
      one.picked.every((a) =>
        one.picked.every((b) => !a.block.link || a.block.link !== b.block.link || moveTogether(a, b)),
      ) &&
      rules.every(({ holds }) =>
        holds({
          canvas: one.canvas,
          label: (name) => choiceOf(one, name)?.label ?? "",
          tone: (name) => choiceOf(one, name)?.tone ?? "",
        }),
      ),
  );
}

type Picked = ModelCombination["picked"][number];

const moveTogether = (a: Picked, b: Picked): boolean =>
  a.block.choices.indexOf(a.choice) === b.block.choices.indexOf(b.choice);

const choiceOf = ({ picked }: ModelCombination, name: string): DrawnChoice | undefined =>
  picked.find(({ block }) => block.name === name)?.choice;

/** Identifies it. */
export const keyOf = ({ canvas, picked }: ModelCombination): string =>
  JSON.stringify([...(canvas ? [canvas] : []), ...picked.map(({ choice }) => choice.label)]);

export const videosOf = ({ picked }: ModelCombination): Picked[] =>
  picked.filter(({ block, choice }) => block.kind === "video" && choice.sha256);

/** Whether it is valid: it has a picture, nothing in it is bad, and what begins with a block begins before the end. */
export function canBeMade(one: ModelCombination): boolean {
  const videos = videosOf(one);
  const order = one.picked.filter(({ block }) => block.kind === "video").map(({ block }) => block.name);
  const startsInTime = ({ block, choice }: Picked) => {
    if (!block.at || !(choice.sha256 || choice.words)) return true;
    return videos.some((video) => order.indexOf(video.block.name) >= order.indexOf(block.at));
  };
  return (
    videos.length > 0 &&
    one.picked.every(({ choice }) => !choice.bad) &&
    one.picked.filter(({ block }) => block.kind === "voice" || block.kind === "audio").every(startsInTime)
  );
}

/**
 * The distinct parts of the pictures of some combinations: one body for each choice with its texts, one transition for
 * each pair. Not for batches whose voices hold the last frame, for an unknown time.
 */
export function distinctPictures(combinations: readonly ModelCombination[]): Set<string> {
  const parts = new Set<string>();
  for (const one of combinations) {
    const videos = videosOf(one);
    const shown = videos.map(({ block, choice }) => [
      one.canvas,
      ...[choice.sha256, choice.still, choice.trimmed],
      one.picked
        .filter((other) => other.block.kind === "text" && other.choice.words && other.block.over.includes(block.name))
        .map((other) => [other.block.position, other.choice.words]),
    ]);
    const into = videos.map(({ block }, i) => (i < videos.length - 1 ? block.transition : undefined));
    for (const [i, body] of shown.entries()) {
      parts.add(JSON.stringify(["body", body, into[i - 1] !== undefined, into[i] !== undefined]));
      if (into[i] !== undefined) parts.add(JSON.stringify(["between", body, shown[i + 1], into[i]]));
    }
  }
  return parts;
}
