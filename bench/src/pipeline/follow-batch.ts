import { setTimeout as sleep } from "node:timers/promises";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { type BatchSchema, BatchState, CombinationState } from "@polyreel/contract";
import type { Pipeline } from "@polyreel/tests/testing/pipeline.js";
import { type Usage, usages, type Watched } from "../measure/processes.js";

/** Progress of a batch, and the processes' usage at that time. */
export interface Sample {
  /** From the submission. */
  readonly seconds: number;
  readonly delivered: number;
  readonly usages: Readonly<Record<string, Usage>>;
}

const EVERY_MS = 250;

/** Submits a batch and polls it until it is finished: watching it would add work. `accepted` receives its id. */
export async function followBatch(
  { batches }: Pick<Pipeline, "batches">,
  batch: MessageInitShape<typeof BatchSchema>,
  processes: readonly Watched[],
  signal: AbortSignal,
  accepted: (batchId: string) => void = () => {},
): Promise<Sample[]> {
  const began = performance.now();
  const { batch: submitted } = await batches.submitBatch({ batch }, { signal });
  const batchId = submitted?.batchId ?? "";
  accepted(batchId);
  const samples: Sample[] = [];
  for (;;) {
    const { batch: status } = await batches.getBatch({ batchId }, { signal });
    const seconds = (performance.now() - began) / 1000;
    const { delivered = 0n, failed = 0n } = status?.combinations ?? {};
    samples.push({ seconds, delivered: Number(delivered), usages: usages(processes) });
    if (failed > 0n) {
      const { combinations } = await batches.listCombinations({ batchId, state: CombinationState.FAILED, pageSize: 1 });
      throw new Error(`${failed} combinations failed: ${combinations[0]?.failure?.reason}`);
    }
    if (status?.state === BatchState.FINISHED) return samples;
    await sleep(EVERY_MS, undefined, { signal });
  }
}

const rss = (sample: Sample | undefined, name: string): number => sample?.usages[name]?.rssMegabytes ?? NaN;

const totalOf = (samples: readonly Sample[]): number => samples.at(-1)?.delivered ?? 0;

/** Peak resident memory of a process, in megabytes. */
export const peak = (samples: readonly Sample[], name: string): number =>
  Math.max(...samples.map((sample) => rss(sample, name)));

/** Memory growth after the first tenth of the combinations: by then code is compiled and the heap has its size. */
export function growth(samples: readonly Sample[], name: string): number {
  const later = samples.filter(({ delivered }) => delivered >= totalOf(samples) / 10);
  return peak(later, name) - rss(later[0], name);
}

/** Combinations per second during the slowest tenth. */
export function slowestTenth(samples: readonly Sample[]): number {
  let slowest = Number.POSITIVE_INFINITY;
  let from = samples[0];
  for (const sample of samples) {
    if (!from || sample.delivered - from.delivered < totalOf(samples) / 10) continue;
    slowest = Math.min(slowest, (sample.delivered - from.delivered) / (sample.seconds - from.seconds));
    from = sample;
  }
  return slowest;
}
