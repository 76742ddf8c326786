import { type Batch, BatchSchema } from "@polyreel/contract";
import { hasInputs } from "../inputs.js";
import { normalizeOutputs } from "../normalize-outputs.js";
import { convertMessage } from "./convert-message.js";
import { fieldOfChoice, locateField } from "./locate.js";
import type { Problem, Where } from "./problem.js";
import { Reading, type SourceUse } from "./reading.js";
import { parseYamlText } from "./yaml-text.js";

/** A parsed batch file. Its sources are still paths, relative to the file. */
export interface BatchFile {
  /** As given by the user. */
  path: string;
  batch: Batch;
  sources: readonly SourceUse[];
  /** Locates a field (`blocks[1].text.over[0]`), or a block's choice, in the file; of an output with its name. */
  locate(what: { field?: string; block?: string; choice?: string }): Where;
}

/** Parses the text of a batch file: returns the batch, or all problems. `path` is the file's name in problems. */
export function parseBatchFile(path: string, text: string): { batchFile?: BatchFile; problems: Problem[] } {
  const { yaml, problems } = parseYamlText(path, text);
  if (problems.length > 0) return { problems };
  if (!yaml.root) {
    const remedy = "Write one with `polyreel init`.";
    return { problems: [{ what: "The batch file is empty.", where: { file: path }, remedy }] };
  }
  const reading = new Reading(yaml);
  const converted = convertMessage(BatchSchema, yaml.root, { field: "" }, reading);
  if (!converted || reading.problems.length > 0) return { problems: reading.problems };
  const batch = converted.message as Batch;
  const locate: BatchFile["locate"] = ({ field = "", block = "", choice = "" }) => {
    // A failure's field may be relative to its choice: "trim.start".
    const base = /^(blocks|inputs|where|outputs)\[/.test(field) ? undefined : fieldOfChoice(batch, block, choice);
    const known = [base, field].filter(Boolean).join(".");
    const where = known ? locateField(yaml, known) : { file: path };
    const output = outputOf(batch, field);
    return output === undefined ? where : { ...where, output };
  };
  return { batchFile: { path, batch, sources: reading.sources, locate }, problems: [] };
}

/** Name of the output that a field belongs to. */
function outputOf(batch: Batch, field: string): string | undefined {
  const [, number] = /^outputs\[(\d+)\]/.exec(field) ?? [];
  return number && normalizeOutputs(batch.outputs, hasInputs(batch))[Number(number)]?.name;
}

/** The noun for a batch's combinations: videos, or inputs that are processed as they are. */
export const unitOf = ({ batch }: Pick<BatchFile, "batch">): "video" | "input" =>
  batch.inputs.length > 0 ? "input" : "video";
