import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { EstimateBatchRequestSchema } from "@polyreel/contract";
import { type EstimateDeps, estimate, rememberedProbes } from "@polyreel/planning/estimate";
import { openFolderStore, type Store, scopedStore, sourceKey } from "@polyreel/platform/blobs";
import type { Benchmark } from "../benchmark.js";
import { median } from "../measure/measure.js";
import { makeBed, makeFootage } from "../media/footage.js";
import type { Workshop } from "../workshop.js";
import { footageSeconds, largeBatch } from "./large-batch.js";

const MILLION = 6;
const TEN_MILLION = 7;
const TIMES = 3;

export const estimates: Benchmark = {
  title: "estimates",
  figures: {
    estimateMs: { goal: { atMost: 50 }, unit: "ms", about: "estimate of 10,000,000 combinations" },
    estimate1000000Ms: { unit: "ms", about: "estimate of 1,000,000 combinations" },
  },
  run: benchEstimate,
};

/** Estimates batches of a million and of ten million combinations, like the planner. */
async function benchEstimate(workshop: Workshop) {
  const { scale, signal } = workshop;
  const folder = await workshop.folder("estimate");
  const store = await openFolderStore(join(folder, "store"));
  const making = { size: { width: 90, height: 160 }, seconds: footageSeconds(TEN_MILLION), signal };
  const sources = {
    footage: await put(store, await makeFootage(folder, 0, making)),
    bed: await put(store, await makeBed(folder, signal)),
  };
  const deps: EstimateDeps = {
    ...{ store, signal, earlier: async () => [], probesOf: rememberedProbes(2, { keep: false }) },
    listVoices: async () => undefined,
    ...(scale.plan.estimated !== undefined && { maxPlanned: scale.plan.estimated }),
  };
  const milliseconds = async (blocks: number): Promise<number> => {
    const request = create(EstimateBatchRequestSchema, { batch: largeBatch(blocks, { ...sources, keepSound: false }) });
    const began = performance.now();
    const { combinations } = await estimate(request, deps);
    if (Number(combinations) !== 10 ** blocks) throw new Error(`${combinations} combinations were estimated.`);
    return performance.now() - began;
  };
  const times = async (blocks: number) => {
    const taken: number[] = [];
    for (let i = 0; i < TIMES; i++) taken.push(await milliseconds(blocks));
    return median(taken);
  };
  return { estimate1000000Ms: await times(MILLION), estimateMs: await times(TEN_MILLION) };
}

/** Puts a file into the store of the default tenant; returns its SHA-256. */
async function put(store: Store, path: string): Promise<string> {
  const bytes = await readFile(path);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  await scopedStore(store, "default").put(sourceKey(sha256), bytes);
  return sha256;
}
