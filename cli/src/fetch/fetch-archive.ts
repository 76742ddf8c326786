import { resolve } from "node:path";
import type { CombinationState } from "@polyreel/contract";
import { connectTo } from "../client/connection.js";
import { exitCodes } from "../exit-codes.js";
import type { FilterFlags } from "../flags/filter.js";
import { interruptible } from "../interrupt.js";
import { ProblemsError } from "../problem.js";
import { formatBytes } from "../terminal/numbers.js";
import type { Terminal } from "../terminal/terminal.js";
import { openDownload, writeWhole } from "./download.js";

export interface ArchiveOptions extends FilterFlags {
  batchId: string;
  server: string;
  /** Path of the archive. */
  zip: string;
  state: CombinationState;
  quiet?: boolean | undefined;
}

/** Writes the selected outputs into a ZIP archive here, which exists completely or not at all. Returns the exit code. */
export async function fetchArchive(options: ArchiveOptions, terminal: Terminal): Promise<number> {
  const { batchId, server, zip, choice, output, state } = options;
  const connection = connectTo(server);
  const path = resolve(zip);
  try {
    return await interruptible(terminal, async (signal) => {
      const value = { batchId, state, choices: choice, outputs: output };
      const { body, totalBytes } = await openDownload(connection, value, signal);
      const sizeBytes = await writeWhole(path, body, (done) => {
        if (!options.quiet) terminal.pin([progressLine(done, totalBytes)]);
      }).catch((error: unknown) => {
        throw error instanceof TypeError && !signal.aborted ? cut(batchId) : error;
      });
      terminal.pin([]);
      await terminal.print(`${formatBytes(sizeBytes)} in ${path}\n`);
      return exitCodes.delivered;
    });
  } finally {
    terminal.pin([]);
    connection.close();
  }
}

const progressLine = (done: number, total: number): string =>
  total > 0 ? `${formatBytes(done)} of ${formatBytes(total)}` : formatBytes(done);

const cut = (batchId: string): ProblemsError =>
  new ProblemsError(
    [
      {
        what: "The server ended the archive early: an output could not be read, or the connection broke.",
        remedy: `\`polyreel fetch ${batchId}\` copies file by file, and names the one that is missing.`,
      },
    ],
    exitCodes.failed,
  );
