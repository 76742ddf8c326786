import { CombinationState } from "@polyreel/contract";
import type { Answers } from "./answers.js";
import type { DeliveredFact, Recount } from "./recount.js";

/** The batch's expected result. */
export interface Expected {
  readonly combinations: number;
  readonly deliveriesEach: number;
}

export interface FactsAudit {
  /** Deliveries with a fact in the stream. */
  readonly delivered: number;
  /** Facts beyond the first of a delivery. */
  readonly twice: number;
  /** Deliveries without a fact. */
  readonly missing: number;
  readonly problems: readonly string[];
}

/**
 * Checks that each delivery of each combination has one fact in the stream, of the first attempt, and a distinct file.
 * Pure.
 */
export function auditFacts(
  { planned, delivered, failed, finished }: Recount,
  { combinations, deliveriesEach }: Expected,
): FactsAudit {
  const problems: string[] = [];
  if (planned.size !== combinations) problems.push(`${planned.size} combinations were planned, not ${combinations}.`);
  if (finished !== 1) problems.push(`batch.finished was published ${finished} times.`);
  for (const [id, reason] of failed) problems.push(`${id} failed: ${reason}`);
  const byDelivery = grouped(delivered, keyOf);
  for (const [key, facts] of byDelivery) {
    const [{ combinationId, delivery, attempt } = NONE] = facts;
    if (facts.length > 1) problems.push(`${key} has ${facts.length} facts.`);
    if (attempt !== 1) problems.push(`${key} was delivered by attempt ${attempt}.`);
    if (delivery >= deliveriesEach) problems.push(`${key} has no such delivery.`);
    if (!planned.has(combinationId)) problems.push(`${key} was never planned.`);
  }
  for (const [path, facts] of grouped(delivered, (fact) => fact.path)) {
    const keys = new Set(facts.map(keyOf));
    if (keys.size > 1) problems.push(`${path} is the file of ${[...keys].join(" and ")}.`);
  }
  let missing = 0;
  for (const id of planned) {
    for (let delivery = 0; delivery < deliveriesEach; delivery++) {
      if (byDelivery.has(keyOf({ combinationId: id, delivery }))) continue;
      missing++;
      problems.push(`${keyOf({ combinationId: id, delivery })} was not delivered.`);
    }
  }
  return { delivered: byDelivery.size, twice: delivered.length - byDelivery.size, missing, problems };
}

/** Compares a gateway's answers with the stream. Returns descriptions of the differences. Pure. */
export function auditAnswers(
  { status, combinations }: Answers,
  recounted: Recount,
  { deliveriesEach }: Expected,
): string[] {
  const { planned, rendered, delivered, failedDeliveries, parts } = recounted;
  const ended = grouped(delivered, (fact) => fact.combinationId);
  const whole = [...ended].filter(([, facts]) => new Set(facts.map(keyOf)).size === deliveriesEach);
  const wanted = {
    combinations: {
      ...{ total: planned.size, planned: planned.size, rendered: rendered.size },
      ...{ delivered: whole.length, failed: failedDeliveries.size },
    },
    deliveries: {
      total: planned.size * deliveriesEach,
      delivered: new Set(delivered.map(keyOf)).size,
      failed: [...failedDeliveries.values()].reduce((sum, numbers) => sum + numbers.size, 0),
    },
    clips: { ...parts.clip, failed: 0 },
    voices: { ...parts.voice, failed: 0 },
    soundtracks: { ...parts.sound, failed: 0 },
  };
  const problems: string[] = [];
  for (const [name, counts] of Object.entries(wanted)) {
    const answered = status?.[name as keyof typeof wanted] as unknown as Record<string, bigint> | undefined;
    for (const [count, value] of Object.entries(counts)) {
      const got = answered?.[count];
      if (got !== BigInt(value))
        problems.push(`GetBatch answers ${got} for ${name}.${count}; the stream has ${value}.`);
    }
  }
  const paths = new Map(delivered.map((fact) => [keyOf(fact), fact.path]));
  const listedPaths = combinations.flatMap(({ id, outputs }) =>
    outputs
      .filter(({ state }) => state === CombinationState.DELIVERED)
      .map(({ delivery, path }) => [keyOf({ combinationId: id, delivery }), path] as const),
  );
  if (listedPaths.length !== paths.size) {
    problems.push(`ListCombinations has ${listedPaths.length} deliveries; the stream has ${paths.size}.`);
  }
  for (const [key, path] of listedPaths) {
    if (paths.get(key) !== path)
      problems.push(`ListCombinations has ${path} for ${key}; the stream ${paths.get(key)}.`);
  }
  return problems;
}

const keyOf = ({ combinationId, delivery }: Pick<DeliveredFact, "combinationId" | "delivery">): string =>
  `${combinationId} delivery ${delivery}`;

const NONE = { combinationId: "", delivery: 0, attempt: 0 };

function grouped<T>(all: readonly T[], by: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const group = groups.get(by(one));
    if (group) group.push(one);
    else groups.set(by(one), [one]);
  }
  return groups;
}
