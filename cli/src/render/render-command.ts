import { sampleBatch } from "../batch-file/part-of-batch.js";
import { readBatchFile } from "../batch-file/read.js";
import { findPrograms } from "../embedded/programs.js";
import { openFolder } from "../folder.js";
import { interruptible } from "../interrupt.js";
import { reportBatch } from "../report/report-batch.js";
import type { Terminal } from "../terminal/terminal.js";
import { renderBatch } from "./render-batch.js";

export interface RenderCommandOptions {
  file: string;
  out: string;
  store: string;
  sample?: number;
  json?: boolean | undefined;
  quiet?: boolean | undefined;
  logLevel: string;
}

/** `polyreel render`: everything that can be wrong at the start is told before anything is started. */
export async function renderCommand(options: RenderCommandOptions, terminal: Terminal): Promise<number> {
  const { file, out, store, json, quiet, logLevel } = options;
  const batchFile = await readBatchFile(file);
  if (options.sample !== undefined) sampleBatch(batchFile.batch, options.sample);
  const programs = await findPrograms();
  const { path: storeFolder } = await openFolder(store, "--store");
  const folder = await openFolder(out, "--out");
  try {
    return await interruptible(terminal, async (signal) => {
      const render = {
        batchFile,
        outFolder: folder.path,
        storeFolder,
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
