import { countOf, joinOf } from "@polyreel/contract";
import type { Told } from "@polyreel/platform/nats/follow.js";
import type { ChaosBatch } from "./draw-trial.js";

/** What became of a batch, counted from its facts alone. */
export interface BatchAudit {
  readonly accepted: number;
  readonly delivered: number;
  readonly failed: number;
  /** Neither delivered nor told to have failed. */
  readonly lost: number;
  /** Delivered again, or to a place where another one lies. */
  readonly duplicated: number;
  /** In words, whatever else should not be. */
  readonly problems: readonly string[];
}

/** The paths that outputs were delivered to, with what each file must be. */
export type Deliveries = ReadonlyMap<string, { readonly sizeBytes: number; readonly frames: number }>;

export function deliveriesOf(facts: readonly Told[]): Deliveries {
  const found = new Map<string, { sizeBytes: number; frames: number }>();
  for (const { name, fact } of facts) {
    if (name !== "combination.delivered") continue;
    const { sizeBytes = 0n, operation } = fact.certificate ?? {};
    const frames = operation?.case === "picture" ? 1 : Number(joinOf(fact.certificate)?.frames ?? 0n);
    found.set(fact.path, { sizeBytes: Number(sizeBytes), frames });
  }
  return found;
}

/** Compares what a batch's facts say with what was accepted. A retried batch ends twice, a cancelled one not whole. Pure. */
export function auditBatch(
  { combinations, unmakeable }: Pick<ChaosBatch, "combinations" | "unmakeable">,
  facts: readonly Told[],
): BatchAudit {
  const resumed = facts.filter(({ name }) => name === "batch.resumed").length;
  const isCancelled = facts.some(({ name }) => name === "batch.cancelled");
  /** By combination; of each its deliveries by number, with the paths that they were delivered to. */
  const delivered = new Map<string, Map<number, string[]>>();
  const counts = new Map<string, number>();
  const failed = new Map<string, string>();
  const problems: string[] = [];
  let finished = 0;
  for (const { name, fact } of facts) {
    if (name === "batch.finished") finished++;
    if (name === "combination.delivered") {
      const key = keyOf(fact.choices);
      const its = delivered.get(key) ?? new Map<number, string[]>();
      delivered.set(key, its.set(fact.delivery, [...(its.get(fact.delivery) ?? []), fact.path]));
      counts.set(key, countOf(fact.deliveryCount));
    }
    if (name === "combination.failed") failed.set(keyOf(fact.choices), fact.failure?.reason ?? "");
  }
  if (finished > 1 + resumed || (finished < 1 + resumed && !isCancelled)) {
    problems.push(`batch.finished was published ${finished} times, in ${1 + resumed} runs.`);
  }
  const deliveries = [...delivered.values()].flatMap((its) => [...its.values()]);
  const paths = deliveries.flat();
  for (const [key, its] of delivered) {
    const missing = (counts.get(key) ?? 0) - its.size;
    if (missing > 0 && !isCancelled) problems.push(`${missing} outputs of ${key} were not delivered.`);
  }
  const known = new Set(combinations);
  const ended = [...new Set([...delivered.keys(), ...failed.keys()])];
  for (const key of ended) {
    if (!known.has(key)) problems.push(`${key} was never asked for.`);
    if (delivered.has(key) && failed.has(key)) problems.push(`${key} was delivered, and failed.`);
    if (delivered.has(key) && unmakeable.has(key)) problems.push(`${key} was delivered, and can't be made.`);
    if (!delivered.has(key) && !unmakeable.has(key)) problems.push(`${key} failed: ${failed.get(key)}`);
  }
  return {
    accepted: combinations.length,
    delivered: delivered.size,
    failed: [...failed.keys()].filter((key) => !delivered.has(key)).length,
    lost: isCancelled ? 0 : combinations.filter((key) => !delivered.has(key) && !failed.has(key)).length,
    duplicated: paths.length - deliveries.length + (paths.length - new Set(paths).size),
    problems,
  };
}

const keyOf = (choices: readonly { choice: string }[]): string => JSON.stringify(choices.map(({ choice }) => choice));

/** How many parts were made again, of all batches together: said to be ready, and not just found, a second time. */
export function partsMadeAgain(facts: readonly Told[]): number {
  const made = new Map<string, number>();
  for (const { name, fact } of facts) {
    if (name !== "clip.ready" && name !== "sound.ready" && name !== "voice.ready") continue;
    if (!fact.reused) made.set(`${name} ${fact.hash}`, (made.get(`${name} ${fact.hash}`) ?? 0) + 1);
  }
  return [...made.values()].reduce((again, times) => again + times - 1, 0);
}
