import { put } from "@polyreel/tests/testing/media.js";
import type { Pipeline } from "@polyreel/tests/testing/pipeline.js";
import { type Usage, usages, type Watched } from "../measure/processes.js";
import type { Workshop } from "../workshop.js";
import { batchOf, type Shown } from "./batch.js";
import { type Delivery, deliver } from "./deliver.js";
import { combinationsOf, type Grid } from "./grid.js";

export interface BatchRun extends Delivery {
  /** By name of the process: CPU of this batch alone, memory since its start. */
  readonly usages: Readonly<Record<string, Usage>>;
}

/** All services, ready for batches. */
export interface Services extends AsyncDisposable {
  /** Their start-up time. */
  readonly startSeconds: number;
  /** Runs a grid's batch from its submission to its end. `prediction`: estimates it first, under this name. */
  run(grid: Grid, options?: { virtual?: boolean; prediction?: string }): Promise<BatchRun>;
  /** Runs a batch with this number of new parts, and records their costs. */
  calibrate(grid: Grid, making: { parts: number }): Promise<void>;
}

export async function startServices({ pipeline: open, signal, predictions, requireDisk }: Workshop): Promise<Services> {
  const began = performance.now();
  const pipeline = await open();
  const processes: Watched[] = [
    ...Object.values(pipeline.services).map(({ name, child }) => ({ name, pid: child.pid ?? 0 })),
    { name: "nats", pid: pipeline.nats.pid },
  ];
  const run: Services["run"] = async (grid, { virtual = false, prediction } = {}) => {
    const { size, keepSound } = grid;
    const blocks = await putAll(pipeline, grid);
    const batch = batchOf({ size, blocks, bedSha256: await put(pipeline, grid.bed), virtual, keepSound });
    const make = async () => {
      const before = usages(processes);
      const delivery = await deliver(pipeline, batch, signal);
      const used = sinceThen(usages(processes), before);
      const combinations = combinationsOf(grid);
      if (delivery.delivered !== combinations) {
        throw new Error(`${delivery.delivered} of ${combinations} videos were delivered.`);
      }
      return { ...delivery, usages: used };
    };
    if (prediction === undefined) return make();
    return predictions.compare(prediction, { batch, pipeline, signal }, async ({ writtenBytes }) => {
      await requireDisk(Number(writtenBytes) / 1e6);
      return make();
    });
  };
  return {
    startSeconds: (performance.now() - began) / 1000,
    run,
    calibrate: (grid, { parts }) => predictions.calibrate(pipeline, parts, () => run(grid)),
    [Symbol.asyncDispose]: () => pipeline[Symbol.asyncDispose](),
  };
}

/** Uploads the sources of a grid. */
async function putAll(pipeline: Pipeline, { footage }: Grid): Promise<Shown[][]> {
  const blocks: Shown[][] = [];
  for (const choices of footage) {
    const shown: Shown[] = [];
    for (const path of choices) shown.push({ sha256: await put(pipeline, path) });
    blocks.push(shown);
  }
  return blocks;
}

function sinceThen(now: Record<string, Usage>, then: Record<string, Usage>): Record<string, Usage> {
  const entries = Object.entries(now).map(([name, usage]) => {
    const cpuSeconds = usage.cpuSeconds - (then[name]?.cpuSeconds ?? NaN);
    const childrenCpuSeconds = usage.childrenCpuSeconds - (then[name]?.childrenCpuSeconds ?? NaN);
    return [name, { ...usage, cpuSeconds, childrenCpuSeconds }];
  });
  return Object.fromEntries(entries);
}
