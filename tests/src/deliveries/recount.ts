import { fromBinary } from "@bufbuild/protobuf";
import {
  type Certificate,
  CombinationDeliveredSchema,
  CombinationFailedSchema,
  CombinationPlannedSchema,
  CombinationRenderedSchema,
  PartReadySchema,
  PartRequestedSchema,
} from "@polyreel/contract";
import type { StreamMessage } from "./read-stream.js";

/** The checked fields of a `combination.delivered`. */
export interface DeliveredFact {
  readonly combinationId: string;
  readonly delivery: number;
  readonly attempt: number;
  readonly path: string;
  readonly urlPath: string;
  readonly certificate?: Certificate | undefined;
}

export interface PartRecount {
  readonly distinct: number;
  readonly made: number;
  readonly reused: number;
}

/** A batch according to the stream. */
export interface Recount {
  readonly planned: ReadonlySet<string>;
  /** Combinations of which every output was rendered. */
  readonly rendered: ReadonlySet<string>;
  readonly delivered: readonly DeliveredFact[];
  /** Reasons of `combination.failed`, by combination. */
  readonly failed: ReadonlyMap<string, string>;
  /** Numbers of the deliveries that failed, by combination. */
  readonly failedDeliveries: ReadonlyMap<string, ReadonlySet<number>>;
  /** By kind: "clip", "voice", "sound". */
  readonly parts: Readonly<Record<string, PartRecount>>;
  /** Facts of parts that were reported as made before. */
  readonly madeAgain: number;
  readonly finished: number;
}

/**
 * Counts a batch from the messages alone, by the rules of the contract and without code of the services: GetBatch must
 * answer the same. For batches without retries. Pure.
 */
export function recount(messages: readonly StreamMessage[], outputs: number): Recount {
  const planned = new Set<string>();
  const renderedOutputs = new Map<string, Set<number>>();
  const delivered: DeliveredFact[] = [];
  const failed = new Map<string, string>();
  const failedDeliveries = new Map<string, Set<number>>();
  const requested = new Map<string, Set<string>>();
  const made = new Map<string, Set<string>>();
  const reused = new Map<string, Set<string>>();
  let [madeAgain, finished] = [0, 0];
  for (const { name, data } of messages) {
    const [noun = "", event] = name.split(".");
    if (name === "combination.planned") {
      planned.add(fromBinary(CombinationPlannedSchema, data).combination?.id ?? "");
    } else if (name === "combination.rendered") {
      const { combination, output } = fromBinary(CombinationRenderedSchema, data);
      addTo(renderedOutputs, combination?.id ?? "", output);
    } else if (name === "combination.delivered") {
      delivered.push(fromBinary(CombinationDeliveredSchema, data));
    } else if (name === "combination.failed") {
      const { combinationId, failure, deliveries, deliveryCount } = fromBinary(CombinationFailedSchema, data);
      failed.set(combinationId, failure?.reason ?? "");
      // Bit n stands for delivery n, none for all; no count for one.
      for (let n = 0; n < (deliveryCount || 1); n++) {
        if (deliveries === 0n || ((deliveries >> BigInt(n)) & 1n) === 1n) addTo(failedDeliveries, combinationId, n);
      }
    } else if (event === "requested") {
      addTo(requested, noun, fromBinary(PartRequestedSchema, data).hash);
    } else if (event === "ready") {
      const { hash, reused: isReused } = fromBinary(PartReadySchema, data);
      if (!isReused && made.get(noun)?.has(hash)) madeAgain++;
      addTo(isReused ? reused : made, noun, hash);
    } else if (name === "batch.finished") finished++;
  }
  const partsOf = (kind: string): PartRecount => ({
    distinct: requested.get(kind)?.size ?? 0,
    made: made.get(kind)?.size ?? 0,
    // A part that was made and then looked up again counts as made.
    reused: [...(reused.get(kind) ?? [])].filter((hash) => !made.get(kind)?.has(hash)).length,
  });
  return {
    planned,
    rendered: new Set([...renderedOutputs].filter(([, of]) => of.size === outputs).map(([id]) => id)),
    delivered,
    failed,
    failedDeliveries,
    parts: { clip: partsOf("clip"), voice: partsOf("voice"), sound: partsOf("sound") },
    madeAgain,
    finished,
  };
}

function addTo<T>(sets: Map<string, Set<T>>, key: string, value: T): void {
  sets.set(key, (sets.get(key) ?? new Set<T>()).add(value));
}
