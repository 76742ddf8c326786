import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { RemovedSource } from "@polyreel/parts/sources";
import { scopedStore } from "@polyreel/platform/blobs";
import type { ServerEvent } from "@polyreel/platform/stream";
import { DEFAULT_TENANT } from "@polyreel/spec";
import type { BatchFile } from "@polyreel/spec/batch-file";
import { type Connection, connectTo } from "../client/connection.js";
import { type FinishedBatch, fetchFinished } from "../client/finished-batch.js";
import { serverEventLine } from "../embedded/server-event-line.js";
import { type Embedded, startEmbedded } from "../embedded/start-embedded.js";
import { foldersOf } from "../flags/destinations.js";
import { type FolderFlags, setFolderFlags } from "../flags/folder-flag.js";
import { bindSources } from "../sources/bind-sources.js";
import { putLocally } from "../sources/put-local.js";
import { submitBatch } from "../submit/submit.js";
import { counted } from "../terminal/numbers.js";
import type { Terminal } from "../terminal/terminal.js";
import { showToEnd } from "../watch/watch.js";

export interface RenderOptions {
  batchFile: BatchFile;
  folderFlags?: FolderFlags;
  /** Output folder; it exists and is writable. */
  outFolder: string;
  /** A folder, or `s3://bucket/prefix`. */
  store: string;
  natsProgram: string;
  logLevel: string;
  quiet?: boolean | undefined;
}

/** Time that services get to process a cancellation before they are closed. */
const CANCEL_MS = 3000;
const POLL_MS = 20;

/**
 * Renders a batch with all of Polyreel inside this process, and passes the result to `use` while the services still
 * answer requests. When it returns or throws, everything it started has ended.
 */
export async function renderBatch<T>(
  options: RenderOptions,
  terminal: Terminal,
  interrupt: AbortSignal,
  use: (finished: FinishedBatch) => Promise<T>,
): Promise<T> {
  const { batchFile, quiet } = options;
  // Files go directly into the named folder, unless the batch names one below it.
  foldersOf(batchFile.batch, ".");
  setFolderFlags(batchFile.batch, options.folderFlags ?? {});
  const onServerEvent = (event: ServerEvent) => terminal.note(`${serverEventLine(event)}\n`);
  const embedded = await startEmbedded({ ...options, host: "127.0.0.1", port: 0, signal: interrupt, onServerEvent });
  const connection = connectTo(embedded.url);
  const failure = new AbortController();
  void embedded.failed.then((error) => failure.abort(error));
  const signal = AbortSignal.any([interrupt, failure.signal]);
  try {
    await bind(embedded, batchFile, terminal, signal);
    const batchId = await submitBatch(connection, batchFile, randomUUID(), signal);
    try {
      await showToEnd(connection, batchId, { quiet }, terminal, signal);
      await embedded.settled(signal);
      return await use(await fetchFinished(connection, batchId, signal));
    } catch (error) {
      // Without the event stream no service can be reached.
      if (!failure.signal.aborted) await cancel(connection, batchId, embedded);
      throw error;
    }
  } catch (error) {
    throw failure.signal.aborted ? failure.signal.reason : error;
  } finally {
    connection.close();
    await embedded.close();
  }
}

function bind({ store }: Embedded, batchFile: BatchFile, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const scoped = scopedStore(store, batchFile.batch.tenant || DEFAULT_TENANT);
  return bindSources(batchFile, putLocally(scoped, noteRemoved(terminal)), signal);
}

/**
 * Stops running encodes and starts nothing new; what was delivered gets its manifest. Whatever fails or takes too long
 * ends with the services.
 */
async function cancel({ batches }: Connection, batchId: string, embedded: Embedded): Promise<void> {
  const signal = AbortSignal.timeout(CANCEL_MS);
  try {
    await batches.cancelBatch({ batchId }, { signal });
    while (!(await batches.getBatch({ batchId }, { signal })).batch?.finishedAt)
      await sleep(POLL_MS, undefined, { signal });
    await embedded.settled(signal);
  } catch {
    // Services are closed next in any case.
  }
}

const SHORT_HASH = 16;

/** Reports a damaged source in the store: videos made from it earlier may be wrong. */
const noteRemoved =
  (terminal: Pick<Terminal, "note">) =>
  ({ sha256, parts }: RemovedSource): void =>
    terminal.note(
      `Source ${sha256.slice(0, SHORT_HASH)} in the store was not the file that was put; it was removed with ` +
        `${counted(parts.length, "part")} made from it, and is put again.\n`,
    );
