import { type Batch, BatchSchema } from "@polyreel/contract";
import { isMap, isScalar, type Node, YAMLMap } from "yaml";
import { type Choice, choicesOf } from "../choices.js";
import { normalizeOutputs, specifiedIndexes } from "../normalize-outputs.js";
import { convertMessage } from "./convert-message.js";
import { Expansion } from "./expansion.js";
import type { FilesBeside } from "./files/index.js";
import { fieldOfChoice, locateField } from "./locate.js";
import type { Problem, Where } from "./problem.js";
import { Reading, type SourceUse } from "./reading.js";
import { linkRows, readRows, rowText } from "./table/index.js";
import { parseYamlText } from "./yaml-text.js";

/** A parsed batch file. Its sources are still paths, relative to the file. */
export interface BatchFile {
  /** As given by the user. */
  path: string;
  batch: Batch;
  sources: readonly SourceUse[];
  /**
   * Locates a field (`blocks[1].text.over[0]`), or a block's choice, in the file; of an output with its name and the field
   * as in the file. `made`: outputs are counted as in the normalised batch, where one of the file can be several.
   */
  locate(what: { field?: string; block?: string; choice?: string; made?: boolean }): Where;
}

/**
 * Parses the text of a batch file: returns the batch, or all problems. `path` is the file's name in problems. `beside`:
 * reads the files that it takes choices from; without it, a batch file has to list them itself.
 */
export function parseBatchFile(
  path: string,
  text: string,
  beside?: FilesBeside,
): { batchFile?: BatchFile; problems: Problem[] } {
  const { yaml, problems } = parseYamlText(path, text);
  if (problems.length > 0) return { problems };
  if (!yaml.root) {
    const remedy = "Write one with `polyreel init`.";
    return { problems: [{ what: "The batch file is empty.", where: { file: path }, remedy }] };
  }
  const reading = new Reading(yaml);
  const { root, rows } = withoutRows(yaml.root);
  const table = rows && readRows(rows, reading, beside);
  if (rows && !table) return { problems: reading.problems };
  const expansion = new Expansion(reading, table, beside);
  reading.expansion = expansion;
  const converted = convertMessage(BatchSchema, root, { field: "" }, reading);
  if (!converted || reading.problems.length > 0) return { problems: reading.problems };
  const batch = converted.message as Batch;
  const linking = table ? linkRows(batch, table, expansion.origins) : [];
  if (linking.length > 0) {
    const located = linking.map(({ what, remedy, ...where }) => ({
      ...{ what, remedy, where: { ...locateField(yaml, where.field), ...where } },
    }));
    return { problems: located };
  }
  const locate = locatorOf(batch, expansion, path);
  return { batchFile: { path, batch, sources: reading.sources, locate }, problems: [] };
}

/** A file's fields of the contract, and its rows. */
function withoutRows(root: Node): { root: Node; rows?: Node } {
  if (!isMap(root)) return { root };
  const isRows = ({ key }: { key: unknown }) => isScalar(key) && key.value === "rows";
  const rows = root.items.find(isRows)?.value;
  if (!rows) return { root };
  const others = new YAMLMap();
  others.range = root.range ?? null;
  others.items = root.items.filter((pair) => !isRows(pair));
  return { root: others, rows: rows as Node };
}

function locatorOf(batch: Batch, { reading: { yaml }, table, origins }: Expansion, path: string): BatchFile["locate"] {
  return ({ field = "", block = "", choice = "", made = false }) => {
    const output = outputOf(batch, field, made);
    if (output) return { ...locateField(yaml, output.field), ...output };
    // A failure's field may be relative to its choice: "trim.start".
    const base = /^(blocks|inputs|where)\[/.test(field) ? undefined : fieldOfChoice(batch, block, choice);
    const known = [base, field].filter(Boolean).join(".");
    if (!known) return { file: path };
    const found = /^(?<list>inputs|blocks\[(?<block>\d+)\]\.\w+\.choices)\[(?<at>\d+)\](?<rest>.*)$/.exec(
      known,
    )?.groups;
    const from = choiceAt(batch, found?.block, found?.at);
    const origin = from && origins.get(from);
    if (!origin) return locateField(yaml, known);
    const where = locateField(yaml, `${found?.list}[${origin.entry}]${found?.rest}`);
    return { ...where, ...(table && origin.row && { row: rowText(table, origin.row) }) };
  };
}

function choiceAt({ blocks, inputs }: Batch, block: string | undefined, at = ""): Choice | undefined {
  if (block === undefined) return inputs[Number(at)];
  const found = blocks[Number(block)];
  return found && choicesOf(found)[Number(at)];
}

/** The output that a field belongs to by its name, and the field by its position in the file. */
function outputOf(
  { outputs, inputs }: Batch,
  field: string,
  made: boolean,
): { output: string; field: string } | undefined {
  const [, at] = /^outputs\[(\d+)\]/.exec(field) ?? [];
  if (at === undefined) return undefined;
  const ofInputs = inputs.length > 0;
  const indexes = specifiedIndexes(outputs, ofInputs);
  const position = made ? Number(at) : indexes.indexOf(Number(at));
  const output = normalizeOutputs(outputs, ofInputs)[position]?.name ?? "";
  return { output, field: field.replace(/\d+/, String(indexes[position] ?? at)) };
}

/** The noun for a batch's combinations: videos, or inputs that are processed as they are. */
export const unitOf = ({ batch }: Pick<BatchFile, "batch">): "video" | "input" =>
  batch.inputs.length > 0 ? "input" : "video";
