import { join } from "node:path";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { BatchSchema } from "@polyreel/contract";
import { put } from "@polyreel/tests/testing/media.js";
import type { Pipeline } from "@polyreel/tests/testing/pipeline.js";
import type { Benchmark, FigureAbout } from "../benchmark.js";
import { usages, type Watched } from "../measure/processes.js";
import { makeBed, makeFootage } from "../media/footage.js";
import type { Workshop } from "../workshop.js";
import { batchOf } from "./batch.js";
import { deliver } from "./deliver.js";
import { followBatch, growth, peak, type Sample, slowestTenth } from "./follow-batch.js";

/** The processes involved in a combination, by their names in figures. */
const PROCESSES = { gateway: "Gateway", planner: "Planner", renderer: "Renderer", uploader: "Uploader", nats: "Nats" };

const ofEach = <T>(suffix: string, figure: (name: string) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(PROCESSES).map(([name, word]) => [`pipeline${word}${suffix}`, figure(name)]));

export const readyParts: Benchmark = {
  title: "combinations of ready parts",
  figures: {
    pipelinePerSecond: {
      goal: { atLeast: 1000 },
      unit: "/s",
      about: "combinations of ready parts through all services",
    },
    pipelineSlowestPerSecond: { unit: "/s", about: "the slowest tenth of them" },
    pipelineCombinations: { unit: "", about: "combinations of that batch" },
    pipelineCpuMs: { unit: "ms", about: "CPU of one of them, all processes together" },
    ...ofEach("CpuMs", (name): FigureAbout => ({ unit: "ms", about: `of that ${name}` })),
    pipelineRssGrowthMb: { unit: "MB", about: "growth of memory of the process that grows most" },
    ...ofEach("RssMb", (name): FigureAbout => ({ unit: "MB", about: `most memory of ${name}` })),
  },
  run: benchPipeline,
};

const SIZE = { width: 90, height: 160 };

/**
 * Combinations with ready parts, through all services: the cost of planning, messages, layouts, certificates, delivery
 * and the read model. The services are separate processes, as on several machines, so that their CPU time and memory
 * can be distinguished; the read model is persistent, in the embedded database (PGlite). Clips are half a second of
 * very small pictures, made before by a batch with linked blocks; outputs are virtual, so that nothing is written.
 */
async function benchPipeline(workshop: Workshop) {
  const { scale, signal } = workshop;
  const { blocks, choices } = scale.pipeline;
  const folder = await workshop.folder("pipeline");
  const footage = await makeFootage(folder, 0, { size: SIZE, seconds: blocks * choices, signal });
  const bed = await makeBed(folder, signal);
  await using pipeline = await workshop.pipeline({ GATEWAY_DATABASE: join(folder, "database") });
  const sha256 = await put(pipeline, footage);
  const shown = Array.from({ length: blocks }, (_, block) =>
    Array.from({ length: choices }, (_, i) => ({ sha256, startSeconds: block * choices + i })),
  );
  const batch = { size: SIZE, blocks: shown, bedSha256: await put(pipeline, bed) };
  await deliver(pipeline, batchOf({ ...batch, link: "all" }), signal); // Every clip once, in as few combinations as possible.
  return await measurePipeline(pipeline, batchOf({ ...batch, virtual: true }), choices ** blocks, signal);
}

async function measurePipeline(
  pipeline: Pipeline,
  batch: MessageInitShape<typeof BatchSchema>,
  combinations: number,
  signal: AbortSignal,
) {
  const processes: Watched[] = [
    ...Object.values(pipeline.services).map(({ name, child }) => ({ name, pid: child.pid ?? 0 })),
    { name: "nats", pid: pipeline.nats.pid },
  ];
  const before = usages(processes);
  const samples = await followBatch(pipeline, batch, processes, signal);
  const last = samples.at(-1);
  if (last?.delivered !== combinations) throw new Error(`${last?.delivered} of ${combinations} were delivered.`);
  const cpuMs = (name: string): number => {
    const seconds = (from: Sample["usages"]) => from[name]?.cpuSeconds ?? NaN;
    return ((seconds(last.usages) - seconds(before)) * 1000) / combinations;
  };
  return {
    pipelinePerSecond: combinations / last.seconds,
    pipelineSlowestPerSecond: slowestTenth(samples),
    pipelineCombinations: combinations,
    pipelineCpuMs: processes.reduce((sum, { name }) => sum + cpuMs(name), 0),
    ...ofEach("CpuMs", cpuMs),
    pipelineRssGrowthMb: Math.max(...processes.map(({ name }) => growth(samples, name))),
    ...ofEach("RssMb", (name) => peak(samples, name)),
  };
}
