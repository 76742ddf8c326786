import { isScalar, isSeq, type Node } from "yaml";
import type { FilesBeside } from "../files/index.js";
import type { Reading } from "../reading.js";
import { parseCsv } from "./parse-csv.js";
import type { ReadTable, Table } from "./table.js";
import { parseJsonTable, tableOfNode } from "./table-of-node.js";

const FORMATS: readonly [RegExp, (file: string, text: string) => ReadTable][] = [
  [/\.(csv|tsv|tab|txt)$/i, parseCsv],
  [/\.json$/i, parseJsonTable],
];

/** The table of a batch file's `rows`: a list, or the name of a file. Problems are reported. */
export function readRows(node: Node, reading: Reading, beside: FilesBeside | undefined): Table | undefined {
  const place = { field: "rows" };
  return reading.follow(node, place, (given) => {
    if (isSeq(given)) return reported(tableOfNode("rows", given, reading.yaml), reading);
    if (!isScalar(given) || typeof given.value !== "string") {
      const what = '"rows" must be the name of a CSV, TSV or JSON file, or a list.';
      reading.refuse(given, place, what, 'As in "rows: products.csv", with the columns in braces in choices: {price}.');
      return undefined;
    }
    const path = given.value;
    const read = FORMATS.find(([extension]) => extension.test(path))?.[1];
    if (!read) {
      const what = `${JSON.stringify(path)} is no table that can be read.`;
      reading.refuse(given, place, what, "Save it as CSV, TSV or JSON, and give that file: products.csv.");
      return undefined;
    }
    if (!beside) {
      reading.refuse(given, place, "Rows can't be read from a file here.", "Write the rows themselves, as a list.");
      return undefined;
    }
    const file = beside.readTable(path);
    if (!("text" in file)) {
      reading.refuse(given, place, file.what, file.remedy);
      return undefined;
    }
    return reported(read(path, file.text), reading);
  });
}

function reported(read: ReadTable, reading: Reading): Table | undefined {
  if (read.problem === undefined) return read.table;
  reading.problems.push({ ...read.problem, where: { ...read.problem.where, field: "rows" } });
  return undefined;
}
