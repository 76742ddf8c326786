import { setTimeout as sleep } from "node:timers/promises";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { BatchSchema } from "@polyreel/contract";
import type { Pipeline } from "@polyreel/tests/testing/pipeline.js";
import { followBatch } from "./follow-batch.js";
import { processesOf, usedCpu } from "./used-cpu.js";

const POLL_MS = 20;

export interface Taken {
  /** Of all processes and their children. */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
}

/** Runs a batch to its end and deletes it, which is not measured. */
export async function runOnce(
  pipeline: Pipeline,
  batch: MessageInitShape<typeof BatchSchema>,
  { combinations, signal }: { combinations: number; signal: AbortSignal },
): Promise<Taken> {
  const processes = processesOf(pipeline);
  let batchId = "";
  const before = usedCpu(processes);
  const samples = await followBatch(pipeline, batch, processes, signal, (id) => {
    batchId = id;
  });
  const cpuSeconds = usedCpu(processes) - before;
  const last = samples.at(-1);
  if (last?.delivered !== combinations) throw new Error(`${last?.delivered} of ${combinations} were delivered.`);
  await remove(pipeline, batchId, signal);
  return { cpuSeconds, wallSeconds: last.seconds };
}

/** Deletes a batch, and waits until it is gone. */
async function remove({ batches }: Pipeline, batchId: string, signal: AbortSignal): Promise<void> {
  await batches.deleteBatch({ batchId }, { signal });
  const isListed = async () =>
    (await batches.listBatches({ pageSize: 1000 }, { signal })).batches.some((one) => one.batchId === batchId);
  while (await isListed()) await sleep(POLL_MS, undefined, { signal });
}
