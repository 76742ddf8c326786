import { open } from "node:fs/promises";
import type { Problem } from "@polyreel/spec/batch-file";
import { type BatchFile, parseBatchFile } from "@polyreel/spec/batch-file";
import { exitCodes } from "./exit-codes.js";
import { filesBeside } from "./files-beside.js";
import { ProblemsError } from "./problem.js";

/** Batch files are written by people; a larger file was given by mistake. */
const MAX_BYTES = 32 * 1024 * 1024;
const MAX_PROBLEMS = 50;

/** Reads a batch file. Throws ProblemsError with everything that is wrong with it. */
export async function readBatchFile(path: string): Promise<BatchFile> {
  const text = decode(path, await readBytes(path));
  const { batchFile, problems } = parseBatchFile(path, text, filesBeside(path));
  if (!batchFile) throw new ProblemsError(bounded(problems, path), exitCodes.usage);
  return batchFile;
}

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
    const size = status.isFile() ? `${status.size} bytes` : "it goes on"; // A pipe, or a device such as /dev/zero.
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
