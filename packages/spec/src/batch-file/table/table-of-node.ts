import { isMap, isScalar, isSeq, type Node, type Scalar } from "yaml";
import { parseYamlText, type YamlText } from "../yaml-text.js";
import { columnsProblem, countProblem, type ReadTable, type Row } from "./table.js";

/** Parses a table of JSON: a list of objects, whose keys are the columns. `file`: its name in problems. */
export function parseJsonTable(file: string, text: string): ReadTable {
  const { yaml, problems } = parseYamlText(file, text);
  const [problem] = problems;
  if (problem) return { problem: { ...problem, what: problem.what.replace("YAML", "JSON") } };
  if (!yaml.root) return { problem: { what: "The table is empty.", where: { file } } };
  return tableOfNode(file, yaml.root, yaml);
}

/** A table that is a list of keys with values. Values are taken as written: `sku: 0047`. */
export function tableOfNode(name: string, node: Node, yaml: YamlText): ReadTable {
  const refuse = (at: unknown, what: string, remedy = SHAPE): ReadTable => ({
    problem: { what, where: yaml.position((at as Node | null) ?? node), remedy },
  });
  if (!isSeq(node)) return refuse(node, "The rows must be a list.");
  const wrongCount = countProblem(node.items.length);
  if (wrongCount) return refuse(node, wrongCount.what, wrongCount.remedy);
  const columns = new Set<string>();
  const rows: Row[] = [];
  for (const [at, item] of node.items.entries()) {
    if (!isMap(item)) return refuse(item, `Row ${at + 1} must be columns with values.`);
    const cells = new Map<string, string>();
    for (const { key, value } of item.items) {
      const column = isScalar(key) ? String(key.value).trim() : "";
      if (value !== null && !isScalar(value)) {
        return refuse(value, `Column ${JSON.stringify(column)} of row ${at + 1} must be a text or a number.`);
      }
      columns.add(column);
      cells.set(column, textOf(value));
    }
    rows.push({ number: at + 1, line: yaml.position(item).line ?? 1, cells });
  }
  const wrong = columnsProblem([...columns]);
  return wrong ? refuse(node, wrong.what, wrong.remedy) : { table: { name, columns: [...columns], rows } };
}

const SHAPE = 'Write it as in "- {sku: a1, price: 9.90}", a line for each row.';

function textOf(cell: Scalar | null): string {
  if (cell === null || cell.value === null) return "";
  return (typeof cell.value === "string" ? cell.value : (cell.source ?? String(cell.value))).trim();
}
