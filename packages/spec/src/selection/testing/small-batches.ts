import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type Batch, BatchSchema, type BlockSchema } from "@polyreel/contract";
import { choicesOf } from "../../choices.js";
import { normalizeBatch } from "../../normalize.js";
import { type Selection, selectionOf } from "../selection.js";

export type BlockInit = MessageInitShape<typeof BlockSchema>;
export type BatchInit = MessageInitShape<typeof BatchSchema>;
type Labels = readonly (string | { label: string; metadata: Record<string, string> })[];

/** A text block with these choices. */
export const block = (name: string, labels: Labels, link = ""): BlockInit => ({
  name,
  link,
  kind: {
    case: "text",
    value: { choices: labels.map((label) => (typeof label === "string" ? { label } : label)) },
  },
});
/** A normalised batch. */
export const batchOf = (blocks: BlockInit[], rest: BatchInit = {}): Batch =>
  normalizeBatch(create(BatchSchema, { blocks, ...rest }));
export const portraitAndSquare = [
  { width: 720, height: 1280, label: "tall" },
  { width: 720, height: 720, label: "square" },
];

/** Labels of each combination, joined; the canvas first if there are several. */
export function labels(batch: Batch, selection: Selection = selectionOf(batch)): string[] {
  return [...selection.combinations()].map(({ positions, canvas, ordinal }, i) => {
    if (ordinal !== i) throw new Error(`Combination ${i} says that it is number ${ordinal}.`);
    const chosen = batch.blocks.map((one, index) => choicesOf(one)[positions[index] ?? -1]?.label);
    return [...(batch.canvases.length > 0 ? [batch.canvases[canvas]?.label] : []), ...chosen].join(" ");
  });
}
