import { sampleBatch } from "@polyreel/spec/batch-file";
import { findPrograms } from "../embedded/programs.js";
import { exitCodes } from "../exit-codes.js";
import type { FolderFlags } from "../flags/folder-flag.js";
import { openFolder } from "../folder.js";
import { interruptible } from "../interrupt.js";
import { ProblemsError } from "../problem.js";
import { readBatchFile } from "../read-batch-file.js";
import { reportBatch } from "../report/report-batch.js";
import { openStoreAddress } from "../store/store-address.js";
import type { Terminal } from "../terminal/terminal.js";
import { renderBatch } from "./render-batch.js";

export interface RenderCommandOptions extends FolderFlags {
  file: string;
  out: string;
  store: string;
  sample?: number;
  json?: boolean | undefined;
  quiet?: boolean | undefined;
  logLevel: string;
}

/** `polyreel render`: reports everything that can be checked before it starts anything. */
export async function renderCommand(options: RenderCommandOptions, terminal: Terminal): Promise<number> {
  const { file, out, store, json, quiet, logLevel } = options;
  const batchFile = await readBatchFile(file);
  if (options.sample !== undefined) sampleBatch(batchFile.batch, options.sample);
  if (batchFile.batch.approve) throw approvalNeedsServer(file);
  if (batchFile.batch.notify.length > 0) terminal.note(NOTIFIES_NOBODY);
  if (options.prune && batchFile.batch.name === "") throw pruneNeedsName(file);
  const programs = await findPrograms();
  const storeAddress = await openStoreAddress(store);
  const folder = await openFolder(out, "--out");
  try {
    return await interruptible(terminal, async (signal) => {
      const render = {
        batchFile,
        folderFlags: { overwrite: options.overwrite, prune: options.prune },
        outFolder: folder.path,
        store: storeAddress,
        natsProgram: programs["nats-server"],
        logLevel,
        quiet,
      };
      try {
        return await renderBatch(render, terminal, signal, (finished) =>
          reportBatch(finished, { json, folder: folder.path, batchFile }, terminal),
        );
      } catch (error) {
        if (signal.aborted) terminal.note("Stopped; what was delivered stays.\n");
        throw error;
      }
    });
  } finally {
    await folder.removeIfUnused();
  }
}

const NOTIFIES_NOBODY = "Nobody is notified: the receivers under notify are for batches on a server.\n";

/** Videos that wait for approval would become unreachable when this process ends. */
const approvalNeedsServer = (file: string): ProblemsError =>
  new ProblemsError(
    [
      {
        what: "The batch's videos wait for approval, and render ends before anybody could play and approve them.",
        where: { file },
        remedy:
          "Start a server with `polyreel up` and use `polyreel submit --watch`, or leave approve out of the batch.",
      },
    ],
    exitCodes.usage,
  );

const pruneNeedsName = (file: string): ProblemsError =>
  new ProblemsError(
    [
      {
        what: "The batch has no name, so the earlier batches that it replaces are unknown.",
        where: { file },
        remedy: "Give it one (name: spring-sale), or leave --prune out.",
      },
    ],
    exitCodes.usage,
  );
