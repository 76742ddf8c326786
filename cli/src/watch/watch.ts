import { setTimeout as sleep } from "node:timers/promises";
import type { BatchFile } from "@polyreel/spec/batch-file";
import { awaitDecision } from "../client/await-decision.js";
import { type Connection, connectTo } from "../client/connection.js";
import { type FinishedBatch, fetchFinished } from "../client/finished-batch.js";
import { followBatch } from "../client/follow-batch.js";
import { interruptible } from "../interrupt.js";
import { showProgress } from "../progress/display.js";
import { Tally } from "../progress/tally.js";
import { reportBatch } from "../report/report-batch.js";
import type { Terminal } from "../terminal/terminal.js";

export interface WatchOptions {
  batchId: string;
  json?: boolean | undefined;
  quiet?: boolean | undefined;
  batchFile?: BatchFile;
  /** Only events after this stream position; 0 for all. */
  afterSequence?: bigint;
}

const DROPPED_MS = 2000;
const POLL_MS = 50;

/** Follows a batch on a server until it has ended or waits for approval. Returns the exit code. */
export async function watch(options: WatchOptions & { server: string }, terminal: Terminal): Promise<number> {
  const connection = connectTo(options.server);
  try {
    return await interruptible(terminal, (signal) => watchToEnd(connection, options, terminal, signal));
  } finally {
    connection.close();
  }
}

/** The same over an existing connection, with the report at the end. */
export async function watchToEnd(
  connection: Connection,
  options: WatchOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const { batchId } = options;
  try {
    const finished = await showToEnd(connection, batchId, options, terminal, signal);
    await waitForDropped(connection, finished, signal);
    return await reportBatch(finished, { ...options, server: connection.url }, terminal);
  } catch (error) {
    if (signal.aborted) terminal.note(`The batch goes on: polyreel watch ${batchId}, or polyreel cancel ${batchId}\n`);
    throw error;
  }
}

/** The uploader lists leftover files of the folder a moment after the batch's end; skipped if no uploader runs. */
async function waitForDropped({ batches }: Connection, finished: FinishedBatch, signal: AbortSignal): Promise<void> {
  const { batchId, name, combinations } = finished.status;
  if (name === "" || !combinations?.delivered || combinations.delivered !== combinations.total) return;
  for (const until = Date.now() + DROPPED_MS; Date.now() < until; await sleep(POLL_MS, undefined, { signal })) {
    const dropped = (await batches.getBatch({ batchId }, { signal })).batch?.dropped;
    if (!dropped) continue;
    finished.status.dropped = dropped;
    return;
  }
}

/** Shows a batch's progress until it has ended, or everything that remains waits for approval. */
export async function showToEnd(
  connection: Connection,
  batchId: string,
  { quiet, afterSequence }: { quiet?: boolean | undefined; afterSequence?: bigint },
  terminal: Terminal,
  signal: AbortSignal,
): Promise<FinishedBatch> {
  const tally = new Tally();
  const display = showProgress(tally, terminal, { quiet });
  const rest = new AbortController();
  const ended = new AbortController();
  const decision = awaitDecision(connection, batchId, AbortSignal.any([signal, ended.signal])).then(
    (waitsForApproval) => waitsForApproval && rest.abort(),
  );
  try {
    await followBatch(connection, batchId, tally, AbortSignal.any([signal, rest.signal]), afterSequence);
  } catch (error) {
    if (!rest.signal.aborted || signal.aborted) throw error;
  } finally {
    ended.abort();
    await decision;
    display.stop();
  }
  return fetchFinished(connection, batchId, signal);
}
