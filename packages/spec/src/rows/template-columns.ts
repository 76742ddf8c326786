import type { Batch } from "@polyreel/contract";
import { type Choice, choicesOf } from "../choices.js";
import { DATE } from "../dated.js";
import type { Column } from "./lines.js";
import type { ManifestRow } from "./manifest-row.js";

type Filler = (row: ManifestRow) => string | undefined;

/** Columns that a batch adds to its `manifest.csv`, by their templates. Values that a row lacks are empty. */
export const templateColumns = (batch: Batch): Column<ManifestRow>[] =>
  Object.entries(batch.columns).map(([name, template]) => {
    const values = template.split(/(\{[^{}]*\})/).map((part) => fillerOf(part, batch));
    return { name, cell: (row) => values.map((value) => value(row) ?? "").join("") };
  });

function fillerOf(part: string, batch: Batch): Filler {
  const placeholder = /^\{(.*)\}$/.exec(part)?.[1];
  if (placeholder === undefined) return () => part;
  const { blocks, canvas, name } = batch;
  // A block's name has no dot.
  const [blockName = "", key] = placeholder.split(".");
  const block = blocks.find((one) => one.name === blockName);
  if (block && key === undefined) return labelIn(blockName);
  if (block && key !== undefined) {
    // From the batch: facts of failures have no metadata.
    const valueIn = ({ metadata }: Choice) => (Object.hasOwn(metadata, key) ? metadata[key] : undefined);
    const byLabel = new Map(choicesOf(block).map((choice) => [choice.label, valueIn(choice)]));
    return (row) => byLabel.get(labelIn(blockName)(row) ?? "");
  }
  switch (placeholder) {
    case "id":
      return ({ id }) => id;
    case "batch":
      return () => name;
    case DATE:
      return () => batch.date;
    case "canvas":
      return ({ choices }) => choices.canvas ?? canvas?.label;
    case "file":
      return ({ file, location, urlPath }) => file ?? location ?? urlPath;
    case "output":
      return ({ output }) => output;
    default:
      return () => undefined;
  }
}

/** Safe for names such as `constructor`. */
const labelIn =
  (block: string): Filler =>
  ({ choices }) =>
    Object.hasOwn(choices, block) ? choices[block] : undefined;

/** Placeholders of columns besides those of file names. */
export const COLUMN_PLACEHOLDERS: readonly string[] = ["file", "output"];
