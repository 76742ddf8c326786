import type { Node } from "yaml";
import type { Place, Reading } from "../reading.js";
import { type NodeFiller, Refusal } from "./fill-node.js";
import { columnsIn } from "./placeholders.js";
import { type Row, rowText } from "./table.js";

/** Problems of further rows are mostly the same. */
const MAX_FAILED_ROWS = 10;
/** Columns listed in a message. */
const MAX_LISTED = 30;

interface RowEntry {
  readonly node: Node;
  readonly place: Place;
  readonly row: Row;
}

/**
 * The entries that a choice or input stands for that names columns: one a row. Undefined for all others. Problems are
 * reported and left out.
 */
export function expandRows(
  node: Node,
  place: Place,
  reading: Reading,
  filler: NodeFiller,
): Iterable<RowEntry> | undefined {
  const names = columnsNamed(node, place, reading, filler);
  if (names === undefined) return [];
  return names > 0 ? entriesOf(node, place, reading, filler) : undefined;
}

function* entriesOf(node: Node, place: Place, reading: Reading, filler: NodeFiller): Generator<RowEntry> {
  let failed = 0;
  for (const row of filler.table.rows) {
    const before = reading.problems.length;
    const at = { ...place, row: rowText(filler.table, row) };
    const filled = attempt(at, reading, () => filler.fill(node, row));
    if (filled) yield { node: filled, place: at, row };
    if (reading.problems.length > before && ++failed === MAX_FAILED_ROWS) return;
  }
}

/** Number of columns that an entry names; undefined if the table lacks one. */
function columnsNamed(node: Node, place: Place, reading: Reading, filler: NodeFiller): number | undefined {
  const { columns, name: table } = filler.table;
  const templates = attempt(place, reading, () => filler.templatesIn(node));
  const named = templates?.flatMap((one) => columnsIn(one.value).map(({ name }) => ({ name, node: one })));
  const unknown = named?.filter(({ name }) => !columns.includes(name)) ?? [];
  for (const { name, node: at } of unknown) {
    const listed = columns.slice(0, MAX_LISTED).map((one) => `{${one}}`);
    const remedy = reading.didYouMean(name, columns) ?? `Columns are ${listed.join(", ")}.`;
    const what = `There is no column ${JSON.stringify(name)} in ${table}.`;
    reading.refuse(at, place, what, `${remedy} Write a brace itself twice: {{.`);
  }
  return unknown.length > 0 ? undefined : named?.length;
}

function attempt<T>(place: Place, reading: Reading, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { node, what, remedy } = error.refused;
    reading.refuse(node, place, what, remedy);
    return undefined;
  }
}
