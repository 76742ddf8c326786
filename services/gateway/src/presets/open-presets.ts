import { readFile, stat } from "node:fs/promises";
import { createValidator } from "@bufbuild/protovalidate";
import { TranscodeSchema } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { systemCode } from "@polyreel/platform/files";
import { builtInPresets, type Presets } from "@polyreel/spec";
import { parsePresets } from "@polyreel/spec/batch-file";

/** Larger files are not read: a mistaken path could name any. */
const MAX_BYTES = 1_000_000;

/**
 * The presets that batches can name: the built-in ones, and those of a file, which replace built-in ones of their names. An
 * empty path names no file. Throws PolyreelError `invalid` for a file that is not right.
 */
export async function openPresets(path: string): Promise<Presets> {
  if (path === "") return builtInPresets;
  const text = await readSmall(path);
  const validator = createValidator();
  const { presets, problems } = parsePresets(path, text, (settings) => {
    const { violations = [] } = validator.validate(TranscodeSchema, settings);
    return violations.map(
      ({ field, message }) => `${field.map((one) => ("name" in one ? one.name : "")).join(".")} ${message}.`,
    );
  });
  const [problem] = problems;
  if (problem) {
    const { line, field } = problem.where ?? {};
    throw new PolyreelError("invalid", {
      reason: `The file of presets, ${path}, is wrong${line ? ` in line ${line}` : ""}${field ? ` (${field})` : ""}: ${problem.what}`,
      remedy: problem.remedy ?? "Correct the file that POLYREEL_PRESETS names.",
    });
  }
  return new Map([...builtInPresets, ...presets]);
}

async function readSmall(path: string): Promise<string> {
  try {
    if ((await stat(path)).size <= MAX_BYTES) return await readFile(path, "utf8");
  } catch (error) {
    throw unreadable(path, systemCode(error) ?? "unknown error");
  }
  throw unreadable(path, "it is too large");
}

const unreadable = (path: string, why: string): PolyreelError =>
  new PolyreelError("invalid", {
    reason: `The file of presets, ${path}, can't be read (${why}).`,
    remedy:
      "POLYREEL_PRESETS names a YAML file that the gateway's user may read; unset it to have only the built-in ones.",
  });
