import { put } from "@polyreel/tests/testing/media.js";
import { startOtlpReceiver } from "@polyreel/tests/testing/otlp-receiver.js";
import type { Benchmark } from "../benchmark.js";
import { median } from "../measure/measure.js";
import { makeBed, makeFootage } from "../media/footage.js";
import { batchOf } from "../pipeline/batch.js";
import { deliver } from "../pipeline/deliver.js";
import type { OpenPipeline } from "../pipeline/open-pipeline.js";
import { runOnce } from "../pipeline/run-once.js";
import type { Workshop } from "../workshop.js";

export const telemetry: Benchmark = {
  title: "traces and metrics, on and off",
  figures: {
    telemetryCost: {
      goal: { atMost: 1.05 },
      unit: "x",
      about: "CPU of a combination of ready parts in a folder with traces and metrics, over one without",
    },
    telemetryCostLowest: { unit: "x", about: "the lowest of the pairs" },
    telemetryCostHighest: { unit: "x", about: "the highest of the pairs" },
    telemetrySpans: { unit: "", about: "spans of one of these combinations" },
    telemetryOffCpuMs: { unit: "ms", about: "CPU of one of them without telemetry, all processes together" },
  },
  run: benchTelemetry,
};

const SIZE = { width: 90, height: 160 };
/** Pairs that are not counted: code is compiled, connections are opened. */
const WARM_UP = 1;

/**
 * The same batches by two sets of services, one of them with traces over OTLP/gRPC to a receiver in this process, which is
 * not measured, and metrics. Parts are ready, so that telemetry is as large a share as it can be where files are
 * written. Both batches of a pair run at the same time, as what else the machine does costs both alike; each pair is one
 * ratio, and their median counts.
 */
async function benchTelemetry(workshop: Workshop) {
  const { scale, signal } = workshop;
  const { blocks, choices, pairs } = scale.telemetry;
  const folder = await workshop.folder("telemetry");
  const media = {
    footage: await makeFootage(folder, 0, { size: SIZE, seconds: blocks * choices, signal }),
    bed: await makeBed(folder, signal),
    grid: Array.from({ length: blocks }, (_, block) => Array.from({ length: choices }, (_, i) => block * choices + i)),
  };
  const receiver = await startOtlpReceiver();
  try {
    const { ratios, offSeconds } = await measured(workshop, media, receiver.url);
    const combinations = choices ** blocks;
    // All of them: services send what is left when they end.
    const perBatch = receiver.spans.length / (WARM_UP + pairs);
    return {
      telemetryCost: median(ratios),
      telemetryCostLowest: Math.min(...ratios),
      telemetryCostHighest: Math.max(...ratios),
      telemetrySpans: perBatch / combinations,
      telemetryOffCpuMs: (median(offSeconds) / combinations) * 1000,
    };
  } finally {
    await receiver.close();
  }
}

/** Ratios of pairs, and the seconds of those without telemetry. */
async function measured(workshop: Workshop, media: Media, collector: string) {
  const { scale, signal } = workshop;
  const { blocks, choices, pairs } = scale.telemetry;
  await using off = await workshop.pipeline();
  await using on = await workshop.pipeline({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector,
    OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
    POLYREEL_OPS_PORT: "0",
  });
  const sets = { off: await prepared(off, media, workshop), on: await prepared(on, media, workshop) };
  const combinations = choices ** blocks;
  const ratios: number[] = [];
  const offSeconds: number[] = [];
  for (let pair = -WARM_UP; pair < pairs; pair++) {
    const cpuOf = async (name: "off" | "on") => {
      const { pipeline, batch } = sets[name];
      const folder = { case: "folder" as const, value: { path: `${name}-${pair}` } };
      const outputs = [{ to: [{ kind: folder }] }];
      return (await runOnce(pipeline, batchOf({ ...batch, outputs }), { combinations, signal })).cpuSeconds;
    };
    const [withOut, withIt] = await Promise.all([cpuOf("off"), cpuOf("on")]);
    if (pair < 0) continue;
    ratios.push(withIt / withOut);
    offSeconds.push(withOut);
  }
  return { ratios, offSeconds };
}

/** Uploads the sources of a grid, and makes every clip once. */
async function prepared(pipeline: OpenPipeline, { footage, bed, grid }: Media, { signal }: Workshop) {
  const sha256 = await put(pipeline, footage);
  const blocks = grid.map((row) => row.map((startSeconds) => ({ sha256, startSeconds })));
  const batch = { size: SIZE, blocks, bedSha256: await put(pipeline, bed) };
  await deliver(pipeline, batchOf({ ...batch, link: "all", virtual: true }), signal);
  return { pipeline, batch };
}

interface Media {
  readonly footage: string;
  readonly bed: string;
  /** Where each choice begins in the footage, by block. */
  readonly grid: readonly (readonly number[])[];
}
