import { open } from "node:fs/promises";
import { type Batch, BatchSchema } from "@polyreel/contract";
import { exitCodes } from "../exit-codes.js";
import { type Problem, ProblemsError, type Where } from "../problem.js";
import { convertMessage } from "./convert-message.js";
import { fieldOfChoice, locateField } from "./locate.js";
import { Reading, type SourceUse } from "./reading.js";
import { parseYamlText } from "./yaml-text.js";

/** A batch file, read. Its sources are still paths, relative to the file. */
export interface BatchFile {
  /** As the user named it. */
  path: string;
  batch: Batch;
  sources: readonly SourceUse[];
  /** Where a field (`blocks[1].text.over[0]`), or a block's choice, is written. */
  locate(what: { field?: string; block?: string; choice?: string }): Where;
}

/** Batch files are written by people; what is larger is another file, given by mistake. */
const MAX_BYTES = 32 * 1024 * 1024;
const MAX_PROBLEMS = 50;

/** Reads a batch file. Throws ProblemsError with all that is wrong with it. */
export async function readBatchFile(path: string): Promise<BatchFile> {
  const text = decode(path, await readBytes(path));
  const { batchFile, problems } = parseBatchFile(path, text);
  if (!batchFile) throw new ProblemsError(bounded(problems, path), exitCodes.usage);
  return batchFile;
}

/** The same of a text that is there already: the batch, or all that is wrong with it. */
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
    // A failure's field may be named from its choice on: "trim.start".
    const base = /^(blocks|inputs|where)\[/.test(field) ? undefined : fieldOfChoice(batch, block, choice);
    const known = [base, field].filter(Boolean).join(".");
    return known ? locateField(yaml, known) : { file: path };
  };
  return { batchFile: { path, batch, sources: reading.sources, locate }, problems: [] };
}

/** What people call what a batch makes: its combinations are videos, or inputs that are processed as they are. */
export const unitOf = ({ batch }: Pick<BatchFile, "batch">): "video" | "input" =>
  batch.inputs.length > 0 ? "input" : "video";

async function readBytes(path: string): Promise<Buffer> {
  try {
    await using file = await open(path);
    const status = await file.stat();
    if (status.isDirectory())
      throw refusal(path, "This is a folder, not a batch file.", "Give the path of a YAML file.");
    const chunks: Buffer[] = [];
    for await (const chunk of file.createReadStream({ end: MAX_BYTES })) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    if (bytes.length <= MAX_BYTES) return bytes;
    const size = status.isFile() ? `${status.size} bytes` : "it goes on"; // a pipe, or a device as /dev/zero
    throw refusal(path, `The batch file is too large: ${size}, where ${MAX_BYTES} bytes are allowed.`);
  } catch (error) {
    if (error instanceof ProblemsError) throw error;
    throw unreadable(path, error as NodeJS.ErrnoException);
  }
}

function unreadable(path: string, error: NodeJS.ErrnoException): ProblemsError {
  switch (error.code) {
    case "ENOENT":
      return refusal(path, "The batch file does not exist.", "Check the path, or write one with `polyreel init`.");
    default:
      return refusal(
        path,
        `The batch file can't be read (${error.code ?? error.message}).`,
        "Check the file's permissions.",
      );
  }
}

function decode(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw refusal(path, "The batch file is not text in UTF-8.", "Give the path of a YAML file, saved as UTF-8.");
  }
}

const refusal = (file: string, what: string, remedy?: string): ProblemsError =>
  new ProblemsError([{ what, where: { file }, ...(remedy ? { remedy } : {}) }], exitCodes.usage);

function bounded(problems: Problem[], file: string): Problem[] {
  if (problems.length <= MAX_PROBLEMS) return problems;
  const more = { what: `${problems.length - MAX_PROBLEMS} more problems like these.`, where: { file } };
  return [...problems.slice(0, MAX_PROBLEMS), more];
}
