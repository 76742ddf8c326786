import type { Message } from "@bufbuild/protobuf";
import type { Node } from "yaml";
import type { Place, Reading } from "../reading.js";
import { NodeFiller, Refusal } from "./fill-node.js";
import { columnsIn } from "./placeholders.js";
import { type Row, rowText, type Table } from "./table.js";

/** Problems of further rows are mostly the same. */
const MAX_FAILED_ROWS = 10;

/** A choice of the batch as it is written: one entry of a file can stand for many. */
export interface Written {
  readonly node: Node;
  readonly place: Place;
  readonly row?: Row;
}

/** Where a choice comes from: the position of its entry in the file's list, and its row. */
export interface Origin {
  readonly entry: number;
  readonly row: Row | undefined;
}

/** Makes a choice for each row of those that name columns. */
export class RowExpansion {
  /** Of each choice, as a message. */
  readonly origins = new Map<Message, Origin>();
  readonly #filler: NodeFiller;

  constructor(
    readonly table: Table,
    readonly reading: Reading,
  ) {
    this.#filler = new NodeFiller(table, reading.yaml);
  }

  /** The choices that an entry stands for: itself, or one a row. Problems are reported and left out. */
  *expand(node: Node, place: Place): Generator<Written> {
    const names = this.#columnsOf(node, place);
    if (names === 0) yield { node, place };
    if (!names) return;
    let failed = 0;
    for (const row of this.table.rows) {
      const before = this.reading.problems.length;
      const at = { ...place, row: rowText(this.table, row) };
      const filled = this.#attempt(at, () => this.#filler.fill(node, row));
      if (filled) yield { node: filled, place: at, row };
      if (this.reading.problems.length > before && ++failed === MAX_FAILED_ROWS) return;
    }
  }

  /** Number of columns that an entry names; undefined if there are none of these names. */
  #columnsOf(node: Node, place: Place): number | undefined {
    const templates = this.#attempt(place, () => this.#filler.templatesIn(node));
    const named = templates?.flatMap((one) => columnsIn(one.value).map(({ name }) => ({ name, node: one })));
    const { columns, name: table } = this.table;
    const unknown = named?.filter(({ name }) => !columns.includes(name)) ?? [];
    for (const { name, node: at } of unknown) {
      const listed = `Columns are ${columns
        .slice(0, 30)
        .map((one) => `{${one}}`)
        .join(", ")}.`;
      const remedy = `${this.reading.didYouMean(name, columns) ?? listed} Write a brace itself twice: {{.`;
      this.reading.refuse(at, place, `There is no column ${JSON.stringify(name)} in ${table}.`, remedy);
    }
    return unknown.length > 0 ? undefined : named?.length;
  }

  #attempt<T>(place: Place, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { node, what, remedy } = error.refused;
      this.reading.refuse(node, place, what, remedy);
      return undefined;
    }
  }
}
