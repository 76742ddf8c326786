import { setTimeout as delay } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { BatchState } from "@polyreel/contract";
import type { Random } from "../property/random.js";
import { combinationsOf, submit } from "../testing/batches.js";
import { audio, bed, footage, video } from "../testing/blocks.js";
import type { Up } from "../testing/up.js";

/** By SHA-256. Shared by all batches, so that parts are shared. */
export interface Media {
  readonly films: readonly string[];
  readonly beds: readonly string[];
}

export interface SmallBatch {
  readonly batchId: string;
  readonly outcome: "finished" | "cancelled" | "lost";
  /** Deleted. */
  gone: boolean;
}

const CANVAS = { width: 64, height: 64 };
const END_MS = 120_000;

/** Submits a batch of one to six videos and acts like clients: watches it, disconnects, lists, cancels, deletes. */
export async function runSmallBatch(
  up: Up,
  { films, beds }: Media,
  { index, random }: { index: number; random: Random },
  problems: string[],
): Promise<SmallBatch> {
  const choices = random.shuffled(films).slice(0, random.whole(1, films.length));
  const blocks = [video("v", { choices: choices.map((sha256, i) => footage(`v${i}`, sha256)) })];
  if (random.chance(0.4))
    blocks.push(audio("m", { choices: [bed("on", beds[0]), bed("off")].slice(0, random.whole(1, 2)) }));
  const virtual = random.chance(0.15);
  const batch = { canvas: CANVAS, name: `soak ${index}`, blocks, outputs: [{ virtual }] };
  const batchId = await submit(up, batch, random.chance(0.5) ? `soak-${index}` : "");
  try {
    const cancels = random.chance(0.2);
    const watching = random.chance(0.6) ? watch(up, batchId, random.chance(0.3)) : undefined;
    watching?.catch(() => {}); // Its error is thrown where it is awaited.
    if (random.chance(0.3)) await up.batches.listBatches({ pageSize: random.whole(1, 30) });
    if (cancels) {
      await delay(random.whole(0, 400));
      await up.batches.cancelBatch({ batchId });
    }
    await watching;
    const state = await endState(up, batchId);
    if (random.chance(0.3)) await combinationsOf(up, batchId);
    const done: SmallBatch = {
      batchId,
      outcome: state === BatchState.CANCELLED ? "cancelled" : "finished",
      gone: false,
    };
    if (random.chance(0.3)) await deleteEnded(up, done, problems);
    return done;
  } catch (error) {
    problems.push(`Batch ${index} (${batchId}): ${ConnectError.from(error).message}`);
    return { batchId, outcome: "lost", gone: false };
  }
}

/** Watches to the end, or disconnects after the first update. */
async function watch({ batches }: Up, batchId: string, leaves: boolean): Promise<void> {
  const call = new AbortController();
  try {
    for await (const _ of batches.watchBatch({ batchId }, { timeoutMs: END_MS, signal: call.signal })) {
      if (leaves) return call.abort();
    }
  } catch (error) {
    if (!call.signal.aborted) throw error;
  }
}

async function endState({ batches }: Up, batchId: string): Promise<BatchState> {
  for (const until = Date.now() + END_MS; Date.now() < until; await delay(50)) {
    const { batch } = await batches.getBatch({ batchId });
    if (batch?.finishedAt || batch?.state === BatchState.CANCELLED) return batch.state;
  }
  throw new Error("It did not end.");
}

/** Deletes a batch that has ended; repeated for one that is just ending. */
export async function deleteEnded({ batches }: Up, one: SmallBatch, problems: string[]): Promise<void> {
  for (const until = Date.now() + END_MS; ; await delay(100)) {
    try {
      await batches.deleteBatch({ batchId: one.batchId });
      one.gone = true;
      return;
    } catch (error) {
      const { code, message } = ConnectError.from(error);
      if (code === Code.NotFound) one.gone = true;
      if (code === Code.NotFound || Date.now() > until) {
        problems.push(`Deleting ${one.batchId}: ${message}`);
        return;
      }
    }
  }
}
