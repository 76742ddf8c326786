import { isPartFact, joinOf } from "@polyreel/contract";
import type { FactMessage } from "@polyreel/platform/stream";
import type { ChaosBatch } from "./draw-trial.js";

/** Results of a batch's deliveries (an output of a combination in a destination), counted from its facts alone. */
export interface BatchAudit {
  readonly accepted: number;
  readonly delivered: number;
  readonly failed: number;
  /** Neither delivered nor reported as failed. */
  readonly lost: number;
  /** Delivered again, or to the path of another one. */
  readonly duplicated: number;
  /** Descriptions of any other problem. */
  readonly problems: readonly string[];
}

/** What was delivered, with the expected properties of each file by path, and of virtual outputs by URL path. */
export interface Delivered {
  readonly written: ReadonlyMap<string, DeliveredFile>;
  readonly virtual: ReadonlyMap<string, DeliveredFile>;
}

export interface DeliveredFile {
  readonly sizeBytes: number;
  readonly frames: number;
}

export function deliveredOf(facts: readonly FactMessage[]): Delivered {
  const written = new Map<string, DeliveredFile>();
  const virtual = new Map<string, DeliveredFile>();
  for (const { name, fact } of facts) {
    if (name !== "combination.delivered") continue;
    const { sizeBytes = 0n, operation } = fact.certificate ?? {};
    const frames = operation?.case === "picture" ? 1 : Number(joinOf(fact.certificate)?.frames ?? 0n);
    const file = { sizeBytes: Number(sizeBytes), frames };
    if (fact.path) written.set(fact.path, file);
    else virtual.set(fact.urlPath, file);
  }
  return { written, virtual };
}

/** Compares a batch's facts with what was accepted. A retried batch ends twice, a cancelled one incompletely. Pure. */
export function auditBatch(
  { combinations, unmakeable, deliveriesEach }: Pick<ChaosBatch, "combinations" | "unmakeable" | "deliveriesEach">,
  facts: readonly FactMessage[],
): BatchAudit {
  const resumed = facts.filter(({ name }) => name === "batch.resumed").length;
  const isCancelled = facts.some(({ name }) => name === "batch.cancelled");
  const known = new Set(combinations);
  const delivered = new Map<string, number>();
  const failed = new Map<string, string>();
  const paths: string[] = [];
  const problems: string[] = [];
  let finished = 0;
  for (const { name, fact } of facts) {
    if (name === "batch.finished") finished++;
    if (name === "combination.delivered") {
      const key = keyOf(fact.choices);
      const delivery = deliveryKey(key, fact.delivery);
      delivered.set(delivery, (delivered.get(delivery) ?? 0) + 1);
      if (fact.path) paths.push(fact.path);
      if (!known.has(key) || fact.delivery >= deliveriesEach) problems.push(`${delivery} was never requested.`);
      if (unmakeable.has(key)) problems.push(`${delivery} was delivered, and can't be made.`);
    }
    if (name === "combination.failed") {
      const key = keyOf(fact.choices);
      const reason = fact.failure?.reason ?? "";
      if (!known.has(key)) problems.push(`${key} was never requested, and failed.`);
      else if (!unmakeable.has(key)) problems.push(`${key} failed: ${reason}`);
      for (const number of numbersIn(fact.deliveries, deliveriesEach)) failed.set(deliveryKey(key, number), reason);
    }
  }
  if (finished > 1 + resumed || (finished < 1 + resumed && !isCancelled)) {
    problems.push(`batch.finished was published ${finished} times, in ${1 + resumed} runs.`);
  }
  for (const key of delivered.keys()) if (failed.has(key)) problems.push(`${key} was delivered, and failed.`);
  const numbers = numbersIn(0n, deliveriesEach);
  const accepted = combinations.flatMap((key) => numbers.map((number) => deliveryKey(key, number)));
  const times = [...delivered.values()].reduce((sum, count) => sum + count, 0);
  return {
    accepted: accepted.length,
    delivered: delivered.size,
    failed: [...failed.keys()].filter((key) => !delivered.has(key)).length,
    lost: isCancelled ? 0 : accepted.filter((key) => !delivered.has(key) && !failed.has(key)).length,
    duplicated: times - delivered.size + (paths.length - new Set(paths).size),
    problems,
  };
}

const keyOf = (choices: readonly { choice: string }[]): string => JSON.stringify(choices.map(({ choice }) => choice));
const deliveryKey = (key: string, delivery: number): string =>
  delivery === 0 ? key : `delivery ${delivery} of ${key}`;

/** Bit n stands for delivery n, none for all. */
const numbersIn = (mask: bigint, count: number): number[] =>
  Array.from({ length: count }, (_, number) => number).filter(
    (number) => mask === 0n || ((mask >> BigInt(number)) & 1n) === 1n,
  );

/** Number of parts that were made more than once, over all batches: reported as ready, and not as reused, a second time. */
export function partsMadeAgain(facts: readonly FactMessage[]): number {
  const made = new Map<string, number>();
  for (const message of facts) {
    if (!isPartFact(message, "ready") || message.fact.reused) continue;
    const part = `${message.name} ${message.fact.hash}`;
    made.set(part, (made.get(part) ?? 0) + 1);
  }
  return [...made.values()].reduce((again, times) => again + times - 1, 0);
}
