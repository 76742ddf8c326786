import type { BatchFile } from "@polyreel/spec/batch-file";
import { exitCodes } from "../exit-codes.js";
import type { FilterFlags } from "../flags/filter.js";
import { ProblemsError } from "../problem.js";
import { readBatchFile } from "../read-batch-file.js";
import { renderFile } from "../render/render-command.js";
import type { Terminal } from "../terminal/terminal.js";
import { distinctClips } from "./distinct-clips.js";
import { findCombination, type Wanted } from "./find-combination.js";
import { oneCombination } from "./one-combination.js";

export interface PreviewOptions {
  file: string;
  out: string;
  store: string;
  /** Id of the combination. */
  combination?: string | undefined;
  choice: FilterFlags["choice"];
  /** Contact sheets of the distinct clips instead. */
  frames?: boolean | undefined;
  json?: boolean | undefined;
  quiet?: boolean | undefined;
  logLevel: string;
}

/** `polyreel preview`: makes a small video of one combination, or sheets of all clips. Returns the exit code. */
export async function previewCommand(options: PreviewOptions, terminal: Terminal): Promise<number> {
  const { combination: id, choice: choices, frames } = options;
  const batchFile = await readBatchFile(options.file);
  if (batchFile.batch.inputs.length > 0) throw inputsHaveNoPreview(options.file);
  if (frames && (id !== undefined || choices.length > 0)) throw framesAreOfAll();
  const previewed = frames ? await framesOf(batchFile, terminal) : await smallVideoOf(batchFile, { id, choices });
  // A preview replaces what an earlier one left there.
  return renderFile(previewed, { ...options, overwrite: true }, terminal);
}

// Nothing is started while a batch is gone through: Ctrl-C ends the process.

async function smallVideoOf(batchFile: BatchFile, wanted: Wanted): Promise<BatchFile> {
  return oneCombination(batchFile, await findCombination(batchFile.batch, wanted));
}

async function framesOf(batchFile: BatchFile, terminal: Terminal): Promise<BatchFile> {
  const { file, cut } = await distinctClips(batchFile);
  if (cut) terminal.note(`The batch has more clips than these ${file.batch.blocks[0]?.kind.value?.choices.length}.\n`);
  return file;
}

const inputsHaveNoPreview = (file: string): ProblemsError =>
  new ProblemsError(
    [
      {
        what: "The batch has inputs, which are not combined.",
        where: { file, field: "inputs" },
        remedy: "Look at the outputs of a few of them with `polyreel render --sample 3`.",
      },
    ],
    exitCodes.usage,
  );

const framesAreOfAll = (): ProblemsError =>
  new ProblemsError(
    [
      {
        what: "--frames shows the clips of all combinations.",
        remedy: "Leave out --combination and --choice, or --frames.",
      },
    ],
    exitCodes.usage,
  );
