import { randomUUID } from "node:crypto";
import type { Priority } from "@polyreel/contract";
import type { BatchFile } from "@polyreel/spec/batch-file";
import { continueBatch, sampleBatch } from "@polyreel/spec/batch-file";
import { call } from "../client/call.js";
import { type Connection, connectTo } from "../client/connection.js";
import { exitCodes } from "../exit-codes.js";
import { type FolderFlags, setFolderFlags } from "../flags/folder-flag.js";
import { interruptible } from "../interrupt.js";
import { readBatchFile } from "../read-batch-file.js";
import { SubmittedFrom } from "../retry/submitted-from.js";
import { bindSources } from "../sources/bind-sources.js";
import { putRemotely } from "../sources/put-remote.js";
import type { Terminal } from "../terminal/terminal.js";
import { watchToEnd } from "../watch/watch.js";

export interface SubmitOptions extends FolderFlags {
  file: string;
  server: string;
  watch?: boolean | undefined;
  requestId?: string;
  sample?: number;
  continue?: string;
  /** Overrides the batch file's. */
  priority?: Priority;
  json?: boolean | undefined;
  quiet?: boolean | undefined;
  /** Where this machine remembers which files batches were submitted from. */
  submittedFolder: string;
}

/** Uploads a batch's files and submits it. Returns the exit code. */
export async function submit(options: SubmitOptions, terminal: Terminal): Promise<number> {
  const batchFile = await readBatchFile(options.file);
  if (options.continue !== undefined) continueBatch(batchFile.batch, options.continue);
  if (options.sample !== undefined) sampleBatch(batchFile.batch, options.sample);
  if (options.priority !== undefined) batchFile.batch.priority = options.priority;
  setFolderFlags(batchFile.batch, options);
  const connection = connectTo(options.server);
  try {
    return await interruptible(terminal, async (signal) => {
      await bindSources(batchFile, putRemotely(connection, batchFile.batch.tenant), signal);
      const batchId = await submitBatch(connection, batchFile, options.requestId ?? randomUUID(), signal);
      if (batchFile.sources.some(({ message }) => message.location.case === "unreadable"))
        await new SubmittedFrom(options.submittedFolder).remember({ server: options.server, batchId }, options.file);
      if (options.watch) {
        terminal.note(`batch ${batchId}\n`);
        return watchToEnd(connection, { batchId, batchFile, ...options }, terminal, signal);
      }
      await terminal.print(options.json ? `${JSON.stringify({ batchId })}\n` : `${batchId}\n`);
      return exitCodes.delivered;
    });
  } finally {
    connection.close();
  }
}

/** Submits a batch whose sources are bound. Returns its id. */
export async function submitBatch(
  connection: Connection,
  batchFile: BatchFile,
  requestId: string,
  signal: AbortSignal,
): Promise<string> {
  const request = connection.batches.submitBatch({ batch: batchFile.batch, requestId }, { signal });
  const { batch } = await call(connection, request, batchFile);
  if (!batch?.batchId) throw new Error("The server returned no batch id.");
  return batch.batchId;
}
