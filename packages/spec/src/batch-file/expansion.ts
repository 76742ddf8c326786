import type { Message } from "@bufbuild/protobuf";
import type { Node } from "yaml";
import { expandFiles, type FilesBeside } from "./files/index.js";
import type { Place, Reading } from "./reading.js";
import { expandRows, NodeFiller, type Row, type Table } from "./table/index.js";

/** An entry of the batch's choices or inputs: one of the file can stand for many. */
export interface ExpandedEntry {
  readonly node: Node;
  readonly place: Place;
  readonly row?: Row;
}

/** Where a choice comes from: the position of its entry in the file's list, and its row. */
export interface Origin {
  readonly entry: number;
  readonly row: Row | undefined;
}

/** Makes choices of rows and of folders. */
export class Expansion {
  /** Of each choice, as a message. */
  readonly origins = new Map<Message, Origin>();
  readonly #filler: NodeFiller | undefined;

  constructor(
    readonly reading: Reading,
    readonly table: Table | undefined,
    readonly beside: FilesBeside | undefined,
  ) {
    this.#filler = table && new NodeFiller(table, reading.yaml);
  }

  /** The entries that one of the file stands for; itself, mostly. Problems are reported and left out. */
  *expand(node: Node, place: Place): Generator<ExpandedEntry> {
    const rows = this.#filler && expandRows(node, place, this.reading, this.#filler);
    if (rows) return yield* rows;
    const files = this.beside && expandFiles(node, place, this.reading, this.beside);
    for (const one of files ?? [node]) yield { node: one, place };
  }
}
