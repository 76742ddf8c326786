import type { Problem } from "../problem.js";

/** Rows of a batch file: each gives values to the choices that name its columns. */
export interface Table {
  /** For messages: the file as written, or "rows". */
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

export interface Row {
  /** From 1, without the header. */
  readonly number: number;
  /** In its file, from 1. */
  readonly line: number;
  /** By column; an empty cell is "". */
  readonly cells: ReadonlyMap<string, string>;
}

export type ReadTable = { readonly table: Table; readonly problem?: undefined } | { readonly problem: Problem };

/** As many as a block can have choices. */
export const MAX_ROWS = 10_000;
const MAX_COLUMNS = 500;

/** "row 17 of products.csv, line 18" */
export const rowText = ({ name }: Table, { number, line }: Row): string => `row ${number} of ${name}, line ${line}`;

/** What is wrong with a table's columns, if anything. */
export function columnsProblem(columns: readonly string[]): Pick<Problem, "what" | "remedy"> | undefined {
  const empty = columns.indexOf("");
  if (empty >= 0) {
    return { what: `Column ${empty + 1} has no name.`, remedy: "Give every column a name in the first row." };
  }
  const twice = columns.find((name, at) => columns.indexOf(name) < at);
  if (twice !== undefined) {
    return { what: `Two columns are named ${JSON.stringify(twice)}.`, remedy: "Give every column a name of its own." };
  }
  if (columns.length > MAX_COLUMNS) {
    return { what: `There are ${columns.length} columns; at most ${MAX_COLUMNS} are allowed.` };
  }
  return undefined;
}

/** What is wrong with the number of rows, if anything. */
export function countProblem(count: number): Pick<Problem, "what" | "remedy"> | undefined {
  if (count === 0) return { what: "There are no rows.", remedy: "Write a row for each product below the header." };
  if (count <= MAX_ROWS) return undefined;
  const [found, limit] = [count, MAX_ROWS].map((number) => number.toLocaleString("en-US"));
  return { what: `There are ${found} rows; at most ${limit} are allowed.`, remedy: "Split the table and the batch." };
}
