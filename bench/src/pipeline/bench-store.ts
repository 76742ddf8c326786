import { join } from "node:path";
import { Releasers } from "@polyreel/platform";
import { SEAWEED, startSeaweed } from "@polyreel/platform/testing";
import { type Benchmark, LeftOut } from "../benchmark.js";
import { median } from "../measure/measure.js";
import type { Workshop } from "../workshop.js";
import { combinationsOf, type Grid, makeGrid } from "./grid.js";
import { type OpenPipeline, openPipeline } from "./open-pipeline.js";
import { type BatchRun, type Services, startServices } from "./services.js";

export const storeOnS3: Benchmark = {
  title: "a batch of 27 with the store on S3",
  figures: {
    s3WarmCpu: {
      goal: { atMost: 1.1 },
      unit: "x",
      about: "CPU of the services for ready parts with the store on S3, over a folder",
    },
    s3WarmTime: { unit: "x", about: "time of the same batch" },
    s3ColdCpu: { unit: "x", about: "CPU of the services and their programs from an empty store and cache" },
    s3ColdTime: { unit: "x", about: "time of the same batch" },
    s3WarmRequests: { unit: "", about: "requests to the store for each combination of ready parts" },
    s3WarmMb: { unit: "MB", about: "bytes sent to the store and received, the same" },
    s3ColdRequests: { unit: "", about: "requests to the store for each combination, from an empty store and cache" },
    s3ColdMb: { unit: "MB", about: "bytes sent to the store and received, the same" },
    s3FolderWarmCpuMs: { unit: "ms", about: "CPU of the services for each combination of ready parts, with a folder" },
    s3FolderWarmSeconds: { unit: "s", about: "from the submission of that batch to its end" },
  },
  run: benchStore,
  long: true, // It needs services of its own.
};

const MEGABYTES = 2_000;

/** Traffic of all services with their store. */
interface Traffic {
  requests: number;
  megabytes: number;
}

/**
 * The batch of 27 with a folder as store and with a bucket: first from nothing, then, by other processes and in turns, of
 * parts that store and cache already have. Each service reports its requests when it ends, those of its start included.
 */
async function benchStore(workshop: Workshop) {
  if (SEAWEED === undefined) throw new LeftOut("SeaweedFS is not in .programs.");
  const { scale, signal } = workshop;
  const { sample: _, ...shape } = scale.batch;
  await workshop.requireDisk(MEGABYTES);
  const grid = await makeGrid("store", shape, workshop);
  const folder = await workshop.folder("stores");
  const server = await startSeaweed();
  try {
    const homes = {
      folder: { POLYREEL_STORE: join(folder, "store") },
      s3: {
        POLYREEL_STORE: `s3://${server.bucket}/bench?endpoint=${server.endpoint}`,
        POLYREEL_CACHE: join(folder, "cache"),
        AWS_ACCESS_KEY_ID: server.keys.accessKeyId,
        AWS_SECRET_ACCESS_KEY: server.keys.secretAccessKey,
        LOG_LEVEL: "debug",
      },
    };
    const cold = {
      folder: await measureRounds({ folder: homes.folder }, grid, { rounds: 1, warmUps: 0 }, workshop),
      s3: await measureRounds({ s3: homes.s3 }, grid, { rounds: 1, warmUps: 0 }, workshop),
    };
    const warm = await measureRounds(homes, grid, { rounds: scale.store.rounds, warmUps: 1 }, workshop);
    signal.throwIfAborted();
    return {
      s3WarmCpu: warm.s3.cpuSeconds / warm.folder.cpuSeconds,
      s3WarmTime: warm.s3.wallSeconds / warm.folder.wallSeconds,
      s3ColdCpu: cold.s3.s3.cpuSeconds / cold.folder.folder.cpuSeconds,
      s3ColdTime: cold.s3.s3.wallSeconds / cold.folder.folder.wallSeconds,
      s3WarmRequests: warm.s3.traffic.requests,
      s3WarmMb: warm.s3.traffic.megabytes,
      s3ColdRequests: cold.s3.s3.traffic.requests,
      s3ColdMb: cold.s3.s3.traffic.megabytes,
      s3FolderWarmCpuMs: (warm.folder.cpuSeconds / combinationsOf(grid)) * 1000,
      s3FolderWarmSeconds: warm.folder.wallSeconds,
    };
  } finally {
    await server.close();
  }
}

interface Measured {
  /** The median of the rounds, as for the time. */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  /** For each combination, of all rounds and warm-ups. */
  readonly traffic: Traffic;
}

/** Runs the batch with each of these environments in turns, all services running at the same time. */
async function measureRounds<Home extends string>(
  homes: Readonly<Record<Home, NodeJS.ProcessEnv>>,
  grid: Grid,
  { rounds, warmUps }: { rounds: number; warmUps: number },
  workshop: Workshop,
): Promise<Record<Home, Measured>> {
  const names = Object.keys(homes) as Home[];
  const runs = new Map<Home, BatchRun[]>(names.map((name) => [name, []]));
  const pipelines = new Map<Home, OpenPipeline>();
  {
    await using releasers = new Releasers(); // Services report their traffic when they end.
    const services = new Map<Home, Services>();
    for (const name of names) {
      const pipeline = async () => {
        const opened = await openPipeline(homes[name]);
        pipelines.set(name, opened);
        return opened;
      };
      const started = await startServices({ ...workshop, pipeline });
      releasers.add(() => started[Symbol.asyncDispose]());
      services.set(name, started);
    }
    for (let round = -warmUps; round < rounds; round++) {
      for (const name of names) {
        const run = await services.get(name)?.run(grid);
        if (run && round >= 0) runs.get(name)?.push(run);
      }
    }
  }
  const combinations = (rounds + warmUps) * combinationsOf(grid);
  const measured = names.map((name): [Home, Measured] => {
    const own = runs.get(name) ?? [];
    const { requests, megabytes } = trafficOf(pipelines.get(name));
    return [
      name,
      {
        cpuSeconds: median(own.map(cpuOf)),
        wallSeconds: median(own.map(({ wallSeconds }) => wallSeconds)),
        traffic: { requests: requests / combinations, megabytes: megabytes / combinations },
      },
    ];
  });
  return Object.fromEntries(measured) as Record<Home, Measured>;
}

/** CPU of the services and of the programs that they ran. */
const cpuOf = ({ usages }: BatchRun): number =>
  Object.entries(usages).reduce(
    (sum, [name, { cpuSeconds, childrenCpuSeconds }]) =>
      name === "nats" ? sum : sum + cpuSeconds + childrenCpuSeconds,
    0,
  );

/** As the services of a pipeline logged it when they ended. */
function trafficOf(pipeline: OpenPipeline | undefined): Traffic {
  const total: Traffic = { requests: 0, megabytes: 0 };
  for (const { log } of Object.values(pipeline?.services ?? {})) {
    const line = log.find(({ message }) => message === "traffic with the store");
    for (const count of Object.values((line?.requests ?? {}) as Record<string, number>)) total.requests += count;
    total.megabytes += (Number(line?.sentBytes ?? 0) + Number(line?.receivedBytes ?? 0)) / 1e6;
  }
  return total;
}
