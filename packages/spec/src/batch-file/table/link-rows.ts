import type { Batch, Block } from "@polyreel/contract";
import { type Choice, choicesOf } from "../../choices.js";
import { INPUT_BLOCK } from "../../inputs.js";
import type { Row, Table } from "./table.js";

/** Link of the blocks that change with the rows. */
const ROW_LINK = "rows";
/** The contract's limits for metadata and labels. */
const MAX_KEYS = 64;
const MAX_VALUE_CHARACTERS = 1000;
const MAX_LABEL_CHARACTERS = 200;
const KEY = /^[A-Za-z][A-Za-z0-9_]{0,62}$/;

/** Of each choice its row, if it has one. */
interface Origins {
  get(choice: Choice): { readonly row: Row | undefined } | undefined;
}

/** What is wrong with a batch's use of its rows. */
export interface LinkProblem {
  readonly field: string;
  readonly block?: string;
  readonly what: string;
  readonly remedy: string;
}

/**
 * Lets the blocks whose choices are those of the rows move together. Choices without a label get the row's; the first of
 * these blocks gets the columns as metadata, so that rules, names and manifests have them.
 */
export function linkRows(batch: Batch, table: Table, origins: Origins): LinkProblem[] {
  const rowOf = (choice: Choice | undefined): Row | undefined => choice && origins.get(choice)?.row;
  const blocks = batch.blocks.filter((block) => choicesOf(block).some(rowOf));
  const problems = blocks.flatMap((block) => problemOf(block, batch.blocks.indexOf(block), rowOf));
  const first = blocks[0] ? choicesOf(blocks[0]) : batch.inputs.some(rowOf) ? batch.inputs : undefined;
  if (!first) {
    const [column = "sku"] = table.columns;
    const remedy = `Name a column in braces in a choice, as in text: "{${column}}", or leave rows out.`;
    problems.push({ field: "rows", what: "No choice uses the rows.", remedy });
  }
  if (!first || problems.length > 0) return problems;

  for (const block of blocks) block.link = ROW_LINK;
  const labels = labelsOf(table);
  for (const choice of [...blocks.flatMap(choicesOf), ...batch.inputs]) {
    choice.label ||= labels.get(rowOf(choice)) ?? "";
  }
  const keys = metadataKeys(table);
  for (const choice of first) {
    for (const [column, key] of keys) {
      const value = rowOf(choice)?.cells.get(column);
      if (value !== undefined && !Object.hasOwn(choice.metadata, key) && Object.keys(choice.metadata).length < MAX_KEYS)
        choice.metadata[key] = value;
    }
  }
  nameByRows(batch, blocks, keys);
  return [];
}

function problemOf(block: Block, at: number, rowOf: (choice: Choice) => Row | undefined): LinkProblem[] {
  const { name, link, kind } = block;
  const where = { field: `blocks[${at}].${kind.case}.choices`, block: name };
  const rows = choicesOf(block).map(rowOf);
  if (rows.some((row, i) => row?.number !== i + 1)) {
    const what = "Of a block that uses the rows, one choice stands for all of them; this block has other choices, too.";
    return [{ ...where, what, remedy: "Move the other choices to a block of their own, or into columns." }];
  }
  if (link !== "" && link !== ROW_LINK) {
    const remedy = `Leave the link out; give other blocks that belong to the rows the link "${ROW_LINK}".`;
    return [
      { field: `blocks[${at}].link`, block: name, what: "A block that uses the rows is linked by them.", remedy },
    ];
  }
  return [];
}

/** The values of the first column if they tell the rows apart, otherwise their numbers. */
function labelsOf({ columns: [first = ""], rows }: Table): Map<Row | undefined, string> {
  const values = rows.map(({ cells }) => cells.get(first) ?? "");
  const areLabels =
    new Set(values).size === rows.length && values.every((one) => one !== "" && one.length <= MAX_LABEL_CHARACTERS);
  return new Map(rows.map((row, at) => [row, areLabels ? (values[at] ?? "") : String(row.number)]));
}

/** Keys of the columns that can be metadata: their names, with "_" for what a key can't have. */
function metadataKeys({ columns, rows }: Table): Map<string, string> {
  const keys = new Map<string, string>();
  const taken = new Set<string>();
  for (const column of columns) {
    const key = column.replace(/[^A-Za-z0-9]+/g, "_").replace(/^_|_$/g, "");
    const fits = KEY.test(key) && !taken.has(key) && keys.size < MAX_KEYS;
    if (!fits || rows.some(({ cells }) => (cells.get(column) ?? "").length > MAX_VALUE_CHARACTERS)) continue;
    keys.set(column, key);
    taken.add(key);
  }
  return keys;
}

/** Columns in names are metadata of the first block. By default the rows are named once, not by each of their blocks. */
function nameByRows(batch: Batch, blocks: readonly Block[], keys: ReadonlyMap<string, string>): void {
  const [first, second] = blocks;
  const known = new Set([
    ...batch.blocks.map(({ name }) => name),
    "id",
    "index",
    "batch",
    "date",
    "canvas",
    "file",
    "output",
  ]);
  const inColumns = (template: string) =>
    template.replace(/\{([^{}]*)\}/g, (whole, name: string) => {
      const key = keys.get(name.trim());
      return known.has(name) || key === undefined ? whole : `{${first?.name ?? INPUT_BLOCK}.${key}}`;
    });
  if (batch.naming === "" && second) {
    const others = batch.blocks.filter((block) => block.link !== ROW_LINK && choicesOf(block).length > 1);
    const named = batch.blocks.filter((block) => block === first || others.includes(block));
    batch.naming = named.map(({ name }) => `{${name}}`).join("_");
  }
  batch.naming = inColumns(batch.naming);
  for (const output of batch.outputs) output.as = inColumns(output.as);
  for (const [name, template] of Object.entries(batch.columns)) batch.columns[name] = inColumns(template);
}
