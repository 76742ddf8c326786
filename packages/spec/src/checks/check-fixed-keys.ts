import type { Batch } from "@polyreel/contract";
import { choicesOf } from "../choices.js";
import type { Mistake } from "../mistake.js";
import { quote } from "../quote.js";
import type { Selected } from "../selection/selection.js";

/**
 * Mistakes in exact keys that are equal for all of several combinations: planning would find them too, but they can be
 * found here at once. `first`: the first combinations, at least two.
 */
export function checkFixedKeys(batch: Batch, first: Iterable<Selected>): Mistake[] {
  const index = batch.outputs.findIndex(({ as }) => as !== "" && isFixed(as, batch));
  if (index < 0) return [];
  const [one, other] = [...first].map((selected) => shown(selected, batch));
  const differing = batch.blocks.filter((block) => choicesOf(block).length > 1).map(({ name }) => `{${name}}`);
  return [
    {
      field: `outputs[${index}].as`,
      reason: `Several combinations get the key ${quote(batch.outputs[index]?.as ?? "")}: ${one}, and ${other}.`,
      remedy: `Add a distinguishing placeholder to the key, such as ${[...differing.slice(0, 3), "{id}"].join(" or ")}, allow only one combination, or omit "as".`,
    },
  ];
}

/** Whether each placeholder has the same value in all combinations. */
const isFixed = (template: string, { blocks, canvases }: Batch): boolean =>
  [...template.matchAll(/\{([^{}]*)\}/g)].every(([, name = ""]) => {
    if (name === "id" || name === "index") return false;
    if (name === "canvas") return canvases.length <= 1;
    const block = blocks.find((one) => one.name === name.split(".")[0]);
    return block === undefined || choicesOf(block).length <= 1;
  });

const shown = ({ positions, canvas }: Selected, { blocks, canvases }: Batch): string =>
  [
    ...(canvases.length > 1 ? [`canvas=${canvases[canvas]?.label}`] : []),
    ...blocks.map((block, i) => `${block.name}=${choicesOf(block)[positions[i] ?? 0]?.label}`),
  ].join(", ");
