import { MediaContainer } from "@polyreel/contract";
import { openPresets } from "@polyreel/gateway";
import { type BatchFile, parseBatchFile } from "@polyreel/spec/batch-file";
import { exitCodes } from "../exit-codes.js";
import { ProblemsError } from "../problem.js";
import { type RenderFileOptions, renderFile } from "../render/render-command.js";
import type { Terminal } from "../terminal/terminal.js";
import { outputsOfFlags, type ProcessFlags } from "./outputs-of-flags.js";

export interface ProcessOptions extends Omit<RenderFileOptions, "prune">, ProcessFlags {
  readonly files: readonly string[];
  /** File of own presets. */
  readonly presetsFile: string;
}

/** `polyreel process`: a batch of the files and the outputs that the flags name, rendered here and now. */
export async function processCommand(options: ProcessOptions, terminal: Terminal): Promise<number> {
  const presets = await openPresets(options.presetsFile);
  const extensionOf = (preset: string) =>
    MediaContainer[presets.get(preset)?.container || MediaContainer.MP4]?.toLowerCase() ?? "mp4";
  const outputs = outputsOfFlags(options, extensionOf);
  if (outputs.length === 0) throw nothingToMake();
  // JSON is YAML: names of files need no further quotes.
  const batch = { name: "process", inputs: options.files.map((source) => ({ source })), outputs };
  const { batchFile, problems } = parseBatchFile("(command line)", JSON.stringify(batch));
  if (!batchFile) throw new ProblemsError(problems, exitCodes.usage);
  return renderFile({ ...batchFile, locate: nowhere(batchFile) }, options, terminal);
}

/** Places in the batch of a command line mean nothing to its author: names must do. */
const nowhere =
  ({ locate }: BatchFile): BatchFile["locate"] =>
  (what) => {
    const { file, line, column, ...named } = locate(what);
    return named;
  };

const nothingToMake = (): ProblemsError =>
  new ProblemsError(
    [
      {
        what: "Nothing is to be made of the files.",
        remedy: "Name at least one output, as in --web-720p --poster; `polyreel help process` lists them.",
      },
    ],
    exitCodes.usage,
  );
