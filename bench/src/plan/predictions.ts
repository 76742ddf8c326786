import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { BatchSchema, EstimateBatchResponse, PartEstimate } from "@polyreel/contract";
import type { MeasuredRecord } from "@polyreel/parts/costs";
import { readMeasured } from "@polyreel/parts/costs";
import { measuredKey, openFolderStore } from "@polyreel/platform/blobs";
import type { Pipeline } from "@polyreel/tests/testing/pipeline.js";
import { folderBytes } from "../measure/folder-size.js";
import type { Usage } from "../measure/processes.js";

/** Estimates of a batch, as ratios to its actual costs. */
export interface Prediction {
  /** CPU time of the programs that make its parts. */
  readonly encode: number;
  /** Growth of the store in bytes. */
  readonly storeBytes: number;
  /** Bytes of all videos. */
  readonly outputBytes: number;
  /** From the submission to the end. */
  readonly wallSeconds: number;
}

/** Actual costs of a batch. */
interface ActualCosts {
  readonly usages: Readonly<Record<string, Pick<Usage, "childrenCpuSeconds">>>;
  readonly wallSeconds: number;
  readonly outputBytes: number;
}

const SERVICES = ["renderer", "tts", "uploader"];
/** The services whose programs make parts. */
const MAKERS = ["renderer", "tts"];
/** Services write their measurements within two seconds. */
const LOOK_EVERY_MS = 100;
const TIMEOUT_MS = 20_000;

/**
 * Measurements of this machine during one run of the benchmarks, carried over to the services of later ones, which
 * start with an empty store; and the quality of estimates based on them.
 */
export class Predictions {
  readonly #records = new Map<string, MeasuredRecord>();
  readonly #predictions = new Map<string, Prediction>();

  get hasMeasurements(): boolean {
    return this.#records.size > 0;
  }

  /** For a batch that was made in this run. */
  of(name: string): Prediction | undefined {
    return this.#predictions.get(name);
  }

  /** Makes a batch with new parts only, to measure their costs. */
  async calibrate(pipeline: Pipeline, parts: number, make: () => Promise<unknown>): Promise<void> {
    const known = partsIn(await recordOf(pipeline, SERVICES));
    await make();
    await this.#collect(pipeline, known + parts);
  }

  /** Estimates a batch by the measurements so far, makes it, and compares the two. */
  async compare<T extends ActualCosts>(
    name: string,
    {
      batch,
      pipeline,
      signal,
    }: { batch: MessageInitShape<typeof BatchSchema>; pipeline: Pipeline; signal: AbortSignal },
    make: (estimate: EstimateBatchResponse) => Promise<T>,
  ): Promise<T> {
    await this.#seed(pipeline);
    const before = { parts: partsIn(await recordOf(pipeline, SERVICES)), bytes: await storeBytes(pipeline) };
    const estimate = await pipeline.batches.estimateBatch({ batch }, { signal });
    const actual = await make(estimate);
    await this.#collect(pipeline, before.parts + partsToMake(estimate));
    this.#predictions.set(name, {
      encode: estimate.encodeCoreSeconds / programSeconds(actual),
      storeBytes: Number(estimate.storeBytes) / ((await storeBytes(pipeline)) - before.bytes),
      outputBytes: Number(estimate.outputBytes) / actual.outputBytes,
      wallSeconds: estimate.predictedSeconds / actual.wallSeconds,
    });
    return actual;
  }

  /** Gives services the earlier measurements, unless they have as many. */
  async #seed(pipeline: Pipeline): Promise<void> {
    const store = await openFolderStore(pipeline.store);
    for (const [service, record] of this.#records) {
      if (partsIn(await recordOf(pipeline, [service])) >= partsIn(record)) continue;
      await store.put(measuredKey(service), Buffer.from(JSON.stringify(record)));
    }
  }

  /** Stores the services' measurements once they cover this many parts. */
  async #collect(pipeline: Pipeline, parts: number): Promise<void> {
    const until = Date.now() + TIMEOUT_MS;
    for (;;) {
      const measured = partsIn(await recordOf(pipeline, SERVICES));
      if (measured >= parts) break;
      if (Date.now() > until) throw new Error(`${measured} of ${parts} parts were measured.`);
      await sleep(LOOK_EVERY_MS);
    }
    for (const service of SERVICES) this.#records.set(service, await recordOf(pipeline, [service]));
  }
}

const recordOf = async ({ store }: Pipeline, services: readonly string[]): Promise<MeasuredRecord> =>
  readMeasured(await openFolderStore(store), services);

const storeBytes = ({ store }: Pipeline): Promise<number> => folderBytes(join(store, "tenants", "default", "parts"));

const partsToMake = ({ clips, soundtracks, voices }: EstimateBatchResponse): number => {
  const toMake = (parts: PartEstimate | undefined) => Number((parts?.distinct ?? 0n) - (parts?.there ?? 0n));
  return toMake(clips) + toMake(soundtracks) + toMake(voices);
};

const programSeconds = ({ usages }: ActualCosts): number =>
  MAKERS.reduce((sum, name) => sum + (usages[name]?.childrenCpuSeconds ?? NaN), 0);

/** Clips, soundtracks and voice lines; joins and deliveries make no part. */
const partsIn = (record: MeasuredRecord): number =>
  Object.entries(record).reduce((sum, [name, { parts }]) => sum + (/^(clip|sound|voice)/.test(name) ? parts : 0), 0);
