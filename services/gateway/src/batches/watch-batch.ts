import { create } from "@bufbuild/protobuf";
import {
  batchSubjects,
  ProgressSchema,
  progressSubject,
  type WatchBatchRequest,
  type WatchBatchResponse,
  WatchBatchResponseSchema,
} from "@polyreel/contract";
import type { EventStream, Generation } from "@polyreel/platform/stream";
import { type FactMessage, followFacts, listen } from "@polyreel/platform/stream";
import type { Call, Scope } from "../call/call.js";
import type { BatchDeps } from "./deps.js";
import { knownBatch } from "./known-batch.js";
import { Mailbox } from "./mailbox.js";
import { assertWithin, gatewayEnds, isOver } from "./stream-reading.js";
import { watchUpdate } from "./watch-update.js";

/** Facts read ahead of a slow client, and parts whose newest progress is kept for it. */
const LIMITS = { kept: 64, offered: 256 };

/** Streams a batch's updates to a client of the API: see `openWatch`. */
export function watchBatch(deps: BatchDeps) {
  return async function* (request: WatchBatchRequest, call: Call): AsyncGenerator<WatchBatchResponse> {
    const { batchId, afterSequence } = request;
    yield* (await openWatch(deps, { batchId, afterSequence: Number(afterSequence) }, call)) ?? [];
  };
}

export interface Watch {
  readonly batchId: string;
  /** Position of the last fact that the client has seen; 0 for none. */
  readonly afterSequence: number;
  /** What the client calls `afterSequence`, for errors. */
  readonly field?: string;
}

/**
 * A batch's facts after a position in the stream, interleaved with progress, until its last run is finished; undefined
 * for a client that has seen the end. A slow client slows only its own reading of the stream; nothing is left behind
 * when it disconnects. Throws PolyreelError `not_found` for an unknown batch, and `out_of_range` for a position that the
 * stream has not reached.
 */
export async function openWatch(
  deps: BatchDeps,
  watch: Watch,
  { scope, signal }: Call,
): Promise<AsyncGenerator<WatchBatchResponse> | undefined> {
  const { batchId, afterSequence, field = "after_sequence" } = watch;
  const known = await knownBatch(deps.model, batchId, scope);
  const { finishedSequence = Number.POSITIVE_INFINITY, run, generation } = known;
  // A client that has seen the end must not wait for more.
  if (finishedSequence <= afterSequence && (await isOver(deps.stream, batchId, run, signal))) return undefined;
  if (afterSequence > 0) await assertWithin(deps.stream, afterSequence, field);
  return updates(deps, { batchId, scope, generation, afterSequence, field }, signal);
}

type Position = Generation & Required<Watch> & { readonly scope: Scope };

async function* updates(
  deps: BatchDeps,
  { field, ...from }: Position,
  signal: AbortSignal,
): AsyncGenerator<WatchBatchResponse> {
  const stop = new AbortController();
  const mailbox = new Mailbox<WatchBatchResponse>(LIMITS);
  const giveUp = () => mailbox.end(deps.draining.aborted ? gatewayEnds(field) : signal.reason);
  const gone = AbortSignal.any([signal, deps.draining]);
  gone.addEventListener("abort", giveUp, { once: true });
  if (gone.aborted) giveUp();

  const forgetProgress = forwardProgress(deps.stream, from.batchId, mailbox);
  const telling = forwardFacts(deps, { ...from, signal: stop.signal }, mailbox);
  try {
    yield* mailbox;
  } finally {
    gone.removeEventListener("abort", giveUp);
    forgetProgress();
    mailbox.end();
    stop.abort();
    await telling;
  }
}

async function forwardFacts(
  deps: BatchDeps,
  { batchId, scope, generation, ...from }: Generation & { scope: Scope; afterSequence: number; signal: AbortSignal },
  mailbox: Mailbox<WatchBatchResponse>,
): Promise<void> {
  for await (const message of followFacts(deps.stream, { subject: batchSubjects(batchId), ...from })) {
    if (message.generation > 0 && message.generation < generation) continue; // Of an earlier batch with this id.
    // After it receives the end, a client finds it in every other response too.
    if (message.name === "batch.finished") await deps.model.reached(message.sequence).catch(() => {});
    if (message.name === "batch.deleting" || message.name === "batch.deleted") return mailbox.end();
    if (message.name === "batch.cancelled" && !(await isCancelled(deps, message, scope))) continue;
    // Checked before the fact is sent, because progress that arrives meanwhile must not follow the end.
    const isLast =
      message.name === "batch.finished" &&
      (await isOver(deps.stream, batchId, Math.max(1, message.fact.run), from.signal));
    await mailbox.put(watchUpdate(message));
    if (isLast) return mailbox.end();
  }
}

/** A cancellation of a batch that had ended already has no effect, and is not sent. */
async function isCancelled({ model }: BatchDeps, { batchId, sequence }: FactMessage, scope: Scope): Promise<boolean> {
  const known = await knownBatch(model, batchId, scope, sequence).catch(() => undefined);
  return !known || known.cancelledSequence === sequence;
}

/** Only the newest progress of each part matters. */
function forwardProgress(stream: EventStream, batchId: string, mailbox: Mailbox<WatchBatchResponse>): () => void {
  return listen(stream.connection, progressSubject(batchId), ProgressSchema, (progress) => {
    const update = { case: "progress" as const, value: progress };
    mailbox.offer(`${progress.stage} ${progress.id}`, create(WatchBatchResponseSchema, { update }));
  });
}
