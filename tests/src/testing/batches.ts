import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  BatchSchema,
  type BatchStatus,
  CanvasSchema,
  type CombinationStatus,
  type Failure,
  FailureCode,
  type WatchBatchResponse,
} from "@polyreel/contract";
import type { Pipeline } from "./pipeline.js";

type Clients = Pick<Pipeline, "batches">;

/** Small pictures, so that tests are quick. */
const CANVAS = create(CanvasSchema, { width: 90, height: 160 });

type BatchInit = MessageInitShape<typeof BatchSchema>;

export async function submit({ batches }: Clients, batch: BatchInit, requestId = ""): Promise<string> {
  const spec = create(BatchSchema, batch);
  if (spec.inputs.length === 0 && spec.canvases.length === 0) spec.canvas ??= CANVAS;
  const answer = await batches.submitBatch({ batch: spec, requestId });
  return answer.batch?.batchId ?? "";
}

/**
 * Watches a batch to its end, or until `until` returns true: ending without it is a failure, and so is taking longer
 * than `withinSeconds`.
 */
export async function watch(
  { batches }: Clients,
  batchId: string,
  { withinSeconds, until }: { withinSeconds: number; until?: (update: WatchBatchResponse) => boolean },
): Promise<WatchBatchResponse[]> {
  const updates: WatchBatchResponse[] = [];
  const call = new AbortController();
  for await (const one of batches.watchBatch({ batchId }, { timeoutMs: withinSeconds * 1000, signal: call.signal })) {
    updates.push(one);
    if (!until?.(one)) continue;
    call.abort(); // Merely stopping to read would keep the connection busy.
    return updates;
  }
  if (until) throw new Error("The batch ended before the awaited state.");
  return updates;
}

export async function combinationsOf({ batches }: Clients, batchId: string): Promise<CombinationStatus[]> {
  const all: CombinationStatus[] = [];
  let pageToken = "";
  do {
    const page = await batches.listCombinations({ batchId, pageSize: 1000, pageToken });
    all.push(...page.combinations);
    pageToken = page.nextPageToken;
  } while (pageToken);
  return all;
}

/** Result of a batch. */
export interface Ended {
  readonly batchId: string;
  readonly status: BatchStatus;
  readonly combinations: readonly CombinationStatus[];
  readonly updates: readonly WatchBatchResponse[];
}

/** Submits a batch and waits until it is finished. */
export async function runBatch(
  pipeline: Clients,
  batch: BatchInit,
  { withinSeconds = 90, requestId = "" } = {},
): Promise<Ended> {
  return endOf(pipeline, await submit(pipeline, batch, requestId), { withinSeconds });
}

/** Waits until a batch is finished. */
export async function endOf(pipeline: Clients, batchId: string, limit: { withinSeconds: number }): Promise<Ended> {
  const updates = await watch(pipeline, batchId, limit);
  if (updates.at(-1)?.update.case !== "batchFinished") throw new Error("The watching ended before the batch did.");
  const { batch: status } = await pipeline.batches.getBatch({ batchId });
  if (!status) throw new Error("No status.");
  return { batchId, status, combinations: await combinationsOf(pipeline, batchId), updates };
}

/** A combination's choices, such as "friday/rms/silence". */
export const labels = ({ choices }: Pick<CombinationStatus, "choices">): string =>
  choices.map(({ choice }) => choice).join("/");

/** The failed ones, by their choices; asserts that every failure has a code. */
export const failuresOf = (combinations: readonly CombinationStatus[]): ReadonlyMap<string, Failure | undefined> =>
  new Map(
    combinations.flatMap((one) => {
      if (one.failure?.code === FailureCode.UNSPECIFIED)
        throw new Error(`A failure has no code: ${one.failure.reason}`);
      return one.failure ? [[labels(one), one.failure]] : [];
    }),
  );

/** A manifest's lines, once written: the uploader writes it after the batch is finished. */
export async function manifestOf({ out }: Pick<Pipeline, "out">, folder: string): Promise<Record<string, unknown>[]> {
  const path = join(out, folder, "manifest.jsonl");
  for (const until = Date.now() + 60_000; ; ) {
    try {
      await access(join(out, folder, "manifest.csv")); // The last of them.
      const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
      return lines.map((line) => JSON.parse(line));
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
