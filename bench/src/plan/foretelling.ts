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

/** What was foretold of a batch, as shares of what it then took. */
export interface Foretold {
  /** CPU of making its parts, which is that of the programs that do. */
  readonly encode: number;
  /** Bytes that the store got. */
  readonly storeBytes: number;
  /** Bytes of all videos. */
  readonly outputBytes: number;
  /** From the submission to the end. */
  readonly wallSeconds: number;
}

/** What a batch took. */
interface Taken {
  readonly usages: Readonly<Record<string, Pick<Usage, "childrenCpuSeconds">>>;
  readonly wallSeconds: number;
  readonly outputBytes: number;
}

const SERVICES = ["renderer", "tts", "uploader"];
/** Of them, those whose programs make parts. */
const MAKERS = ["renderer", "tts"];
/** Services write what they measured within two seconds. */
const LOOK_EVERY_MS = 100;
const PATIENCE_MS = 20_000;

/**
 * What this machine has measured in one run of the benchmarks, carried from services to services, each of which begin with
 * an empty store; and how well that foretold their batches.
 */
export class Foretelling {
  readonly #learnt = new Map<string, MeasuredRecord>();
  readonly #foretold = new Map<string, Foretold>();

  get hasLearnt(): boolean {
    return this.#learnt.size > 0;
  }

  /** Of a batch that was made in this run. */
  of(name: string): Foretold | undefined {
    return this.#foretold.get(name);
  }

  /** Has a batch made whose parts are all new, to know what such parts take. */
  async learn(pipeline: Pipeline, parts: number, make: () => Promise<unknown>): Promise<void> {
    const known = partsIn(await recordOf(pipeline, SERVICES));
    await make();
    await this.#remember(pipeline, known + parts);
  }

  /** Estimates a batch by what was measured until then, has it made, and compares the two. */
  async compare<T extends Taken>(
    name: string,
    {
      batch,
      pipeline,
      signal,
    }: { batch: MessageInitShape<typeof BatchSchema>; pipeline: Pipeline; signal: AbortSignal },
    make: (estimate: EstimateBatchResponse) => Promise<T>,
  ): Promise<T> {
    await this.#teach(pipeline);
    const before = { parts: partsIn(await recordOf(pipeline, SERVICES)), bytes: await storeBytes(pipeline) };
    const estimate = await pipeline.batches.estimateBatch({ batch }, { signal });
    const taken = await make(estimate);
    await this.#remember(pipeline, before.parts + partsToMake(estimate));
    this.#foretold.set(name, {
      encode: estimate.encodeCoreSeconds / programSeconds(taken),
      storeBytes: Number(estimate.storeBytes) / ((await storeBytes(pipeline)) - before.bytes),
      outputBytes: Number(estimate.outputBytes) / taken.outputBytes,
      wallSeconds: estimate.predictedSeconds / taken.wallSeconds,
    });
    return taken;
  }

  /** Lets services know what others measured, unless they know as much. */
  async #teach(pipeline: Pipeline): Promise<void> {
    const store = await openFolderStore(pipeline.store);
    for (const [service, record] of this.#learnt) {
      if (partsIn(await recordOf(pipeline, [service])) >= partsIn(record)) continue;
      await store.put(measuredKey(service), Buffer.from(JSON.stringify(record)));
    }
  }

  /** Remembers what services have measured as soon as it is of so many parts. */
  async #remember(pipeline: Pipeline, parts: number): Promise<void> {
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      const measured = partsIn(await recordOf(pipeline, SERVICES));
      if (measured >= parts) break;
      if (Date.now() > until) throw new Error(`${measured} of ${parts} parts were measured.`);
      await sleep(LOOK_EVERY_MS);
    }
    for (const service of SERVICES) this.#learnt.set(service, await recordOf(pipeline, [service]));
  }
}

const recordOf = async ({ store }: Pipeline, services: readonly string[]): Promise<MeasuredRecord> =>
  readMeasured(await openFolderStore(store), services);

const storeBytes = ({ store }: Pipeline): Promise<number> => folderBytes(join(store, "tenants", "default", "parts"));

const partsToMake = ({ clips, soundtracks, voices }: EstimateBatchResponse): number => {
  const toMake = (parts: PartEstimate | undefined) => Number((parts?.distinct ?? 0n) - (parts?.there ?? 0n));
  return toMake(clips) + toMake(soundtracks) + toMake(voices);
};

const programSeconds = ({ usages }: Taken): number =>
  MAKERS.reduce((sum, name) => sum + (usages[name]?.childrenCpuSeconds ?? NaN), 0);

/** Clips, soundtracks and voice lines; joins and deliveries make no part. */
const partsIn = (record: MeasuredRecord): number =>
  Object.entries(record).reduce((sum, [name, { parts }]) => sum + (/^(clip|sound|voice)/.test(name) ? parts : 0), 0);
