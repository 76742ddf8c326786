import { isAlias, isMap, isScalar, isSeq, type Node, Pair, Scalar, YAMLMap, YAMLSeq } from "yaml";
import type { YamlText } from "../yaml-text.js";
import { columnsIn, filledIn } from "./placeholders.js";
import type { Row, Table } from "./table.js";

/** Limits for all that the rows of a file stand for: about 400 MB. */
const MAX_VALUES = 1_000_000;
const MAX_CHARACTERS = 32 * 1024 * 1024;
const MAX_DEPTH = 100;

/** Fields whose value may be the path of a file. */
const PATHS: ReadonlySet<string> = new Set(["source", "image"]);

/** A problem with a value of the template. */
export interface Refused {
  readonly node: Node;
  readonly what: string;
  readonly remedy: string;
}

/** Fills the choices that name columns with the values of rows. */
export class NodeFiller {
  #values = 0;
  #characters = 0;

  constructor(
    readonly table: Table,
    readonly yaml: YamlText,
  ) {}

  /** The values of a choice that name columns; empty for a choice that is the same in all rows. */
  templatesIn(node: Node): Scalar<string>[] {
    const found: Scalar<string>[] = [];
    this.#visit(node, (scalar) => {
      if (columnsIn(scalar.value).length > 0) found.push(scalar);
    });
    return found;
  }

  /** A choice with the values of a row. Parts without columns are shared. Throws Refusal. */
  fill(node: Node, row: Row): Node {
    return this.#filled(node, row, "", 0);
  }

  #filled(given: Node, row: Row, key: string, depth: number): Node {
    if (++this.#values > MAX_VALUES || depth > MAX_DEPTH) throw tooMuch(given);
    const node = isAlias(given) ? (this.yaml.resolve(given) ?? given) : given;
    const inside = (child: unknown, name: string) =>
      child === null ? null : this.#filled(child as Node, row, name, depth + 1);
    if (isMap(node)) {
      const map = new YAMLMap();
      map.range = node.range ?? null;
      map.items = node.items.map(
        (pair) => new Pair(pair.key, inside(pair.value, isScalar(pair.key) ? String(pair.key.value) : "")),
      );
      return map;
    }
    if (isSeq(node)) {
      const list = new YAMLSeq();
      list.range = node.range ?? null;
      list.items = node.items.map((item) => inside(item, key));
      return list;
    }
    return isTemplate(node) ? this.#scalar(node, row, key) : node;
  }

  #scalar(node: Scalar<string>, row: Row, key: string): Node {
    const text = filledIn(node.value, (column) => {
      const cell = row.cells.get(column) ?? "";
      if (PATHS.has(key)) assertInside(cell, column, node);
      return cell;
    });
    const lacking = columnsIn(node.value).find(({ name, mayBeEmpty }) => !mayBeEmpty && !row.cells.get(name));
    if (lacking) {
      throw new Refusal({
        node,
        what: `Column ${JSON.stringify(lacking.name)} is empty.`,
        remedy: `Fill the cell, or write {${lacking.name}?} where it may be empty.`,
      });
    }
    this.#characters += text.length;
    if (this.#characters > MAX_CHARACTERS) throw tooMuch(node);
    const filled = new Scalar(text);
    filled.range = node.range ?? null;
    return filled;
  }

  #visit(given: Node, see: (scalar: Scalar<string>) => void, depth = 0): void {
    if (++this.#values > MAX_VALUES || depth > MAX_DEPTH) throw tooMuch(given);
    const node = isAlias(given) ? this.yaml.resolve(given) : given;
    if (isMap(node)) for (const { value } of node.items) value && this.#visit(value as Node, see, depth + 1);
    if (isSeq(node)) for (const item of node.items) item && this.#visit(item as Node, see, depth + 1);
    if (isTemplate(node)) see(node);
  }
}

const isTemplate = (node: unknown): node is Scalar<string> =>
  isScalar(node) && typeof node.value === "string" && /[{}]/.test(node.value);

/** A table may come from others: its cells name no file outside the folders that the batch file itself names. */
function assertInside(cell: string, column: string, node: Node): void {
  const isUrl = /^(https?|s3):\/\//i.test(cell);
  if (isUrl || !/^([/\\]|[A-Za-z]:)|(^|[/\\])\.\.([/\\]|$)/.test(cell)) return;
  throw new Refusal({
    node,
    what: `Column ${JSON.stringify(column)} leads out of the folder: ${JSON.stringify(cell.slice(0, 100))}.`,
    remedy:
      'Write the way to the folder in the batch file, as in "../photos/{file}", and in the table only what lies in it.',
  });
}

/** A row cannot be used. */
export class Refusal extends Error {
  override readonly name = "Refusal";

  constructor(readonly refused: Refused) {
    super(refused.what);
  }
}

const tooMuch = (node: Node): Refusal =>
  new Refusal({ node, what: "The rows stand for too many values.", remedy: "Split the table and the batch." });
