import { BatchState } from "@polyreel/contract";

/** A fact of a batch, reduced to what its completion depends on. `position`: in the stream, from 1. */
export type Event = { readonly position: number; readonly generation: number } & Content;
type Content =
  | { readonly kind: "submitted"; readonly total: number }
  | { readonly kind: "planned"; readonly total: number }
  | {
      readonly kind: "combination";
      readonly id: number;
      readonly attempt: number;
      readonly step: Step;
      /** Numbers of its deliveries. */
      readonly deliveries: readonly number[];
    }
  | { readonly kind: "part"; readonly id: number; readonly state: PartStep }
  | { readonly kind: "resumed"; readonly run: number }
  | { readonly kind: "requeued"; readonly run: number }
  | { readonly kind: "finished"; readonly run: number }
  | { readonly kind: "cancelled" }
  | { readonly kind: "deleting" }
  | { readonly kind: "deleted" };
/** `awaiting`: rendered, and waiting for approval. */
export type Step = "planned" | "rendered" | "awaiting" | "delivered" | "rejected" | "failed";
export type PartStep = "requested" | "failed" | "reused" | "made";

/** The expected state of a batch. */
export interface Expected {
  readonly state: BatchState;
  readonly total: number;
  readonly planned: number;
  readonly rendered: number;
  readonly delivered: number;
  readonly failed: number;
  readonly awaiting: number;
  readonly rejected: number;
  /** Of (combination, output, destination). */
  readonly deliveries: { readonly total: number } & Readonly<Record<Counted, number>>;
  readonly parts: Record<Exclude<PartStep, "requested">, number>;
  readonly run: number;
  readonly complete: boolean;
  readonly finished: boolean;
}

type Counted = "delivered" | "failed" | "awaiting" | "rejected";

/** The step that counts of a delivery in one attempt, and of a combination's deliveries: the first of these that occurs. */
const FURTHEST = ["delivered", "rejected", "failed", "awaiting"] as const;
const ENDED_WORST_FIRST = ["rejected", "failed", "delivered"] as const;
const PARTS_BEST_FIRST = ["made", "reused", "failed"] as const;

/**
 * The reference for completion: evaluates all facts of a batch for each query, without counters. Undefined if there is
 * no such batch.
 */
export function expected(history: readonly Event[], deliveriesEach: number): Expected | undefined {
  const facts = currentFacts(history);
  const of = <K extends Event["kind"]>(kind: K) =>
    facts.filter((fact): fact is Extract<Event, { readonly kind: K }> => fact.kind === kind);
  const [submitted] = of("submitted");
  if (!submitted) return undefined;
  const planned = of("planned").at(-1);
  const runs = (kind: "resumed" | "requeued" | "finished", before = Number.POSITIVE_INFINITY) =>
    of(kind).flatMap(({ run, position }) => (position < before ? [run] : []));
  const runAt = (position?: number) => Math.max(1, ...runs("resumed", position));
  const isFinishedAt = (position?: number) => Math.max(0, ...runs("finished", position)) >= runAt(position);

  const combinations = byId(of("combination"));
  const deliveries = combinations.map((steps) =>
    Array.from({ length: deliveriesEach }, (_, delivery) => {
      const about = steps.filter((step) => step.deliveries.includes(delivery));
      const newest = Math.max(...about.map(({ attempt }) => attempt));
      const seen = new Set(about.filter(({ attempt }) => attempt === newest).map(({ step }) => step));
      return FURTHEST.find((step) => seen.has(step)) ?? (seen.has("rendered") ? "laid out" : "open");
    }),
  );
  const ends = deliveries.map((all) => {
    if (all.includes("open")) return "open";
    if (all.includes("awaiting")) return "awaiting";
    return all.includes("laid out") ? "open" : ENDED_WORST_FIRST.find((step) => all.includes(step));
  });
  const parts = byId(of("part")).map((states) =>
    PARTS_BEST_FIRST.find((best) => states.some(({ state }) => state === best)),
  );

  const count = <T>(all: readonly T[], wanted: T) => all.filter((one) => one === wanted).length;
  // A cancellation after the end has no effect.
  const cancelled = of("cancelled").some(({ position }) => !isFinishedAt(position));
  const finished = isFinishedAt();
  const delivered = count(ends, "delivered");
  const failed = count(ends, "failed");
  const awaiting = count(ends, "awaiting");
  const rejected = count(ends, "rejected");
  const isAllThere = planned !== undefined && new Set(runs("requeued")).size >= runAt() - 1;
  const isReached = (combinations: number) =>
    isAllThere && combinations >= planned.total && parts.every((state) => state !== undefined);
  return {
    state:
      of("deleting").length > 0
        ? BatchState.DELETING
        : cancelled
          ? BatchState.CANCELLED
          : finished
            ? BatchState.FINISHED
            : awaiting > 0 && isReached(delivered + failed + rejected + awaiting)
              ? BatchState.AWAITING_APPROVAL
              : planned
                ? BatchState.RUNNING
                : BatchState.PLANNING,
    total: (planned ?? submitted).total,
    planned: combinations.length,
    rendered: combinations.filter((steps) => steps.some(({ step }) => step === "rendered" || step === "awaiting"))
      .length,
    delivered,
    failed,
    awaiting,
    rejected,
    deliveries: {
      total: (planned ?? submitted).total * deliveriesEach,
      delivered: count(deliveries.flat(), "delivered"),
      failed: count(deliveries.flat(), "failed"),
      awaiting: count(deliveries.flat(), "awaiting"),
      rejected: count(deliveries.flat(), "rejected"),
    },
    parts: { made: count(parts, "made"), reused: count(parts, "reused"), failed: count(parts, "failed") },
    run: runAt(),
    complete: cancelled || isReached(delivered + failed + rejected),
    finished,
  };
}

const byId = <T extends { readonly id: number }>(all: readonly T[]): T[][] =>
  [...new Set(all.map(({ id }) => id))].map((id) => all.filter((one) => one.id === id));

/** Those of the batch that currently has the id: since its last submission, and published for it. */
function currentFacts(history: readonly Event[]): readonly Event[] {
  let current: Event[] = [];
  let generation = 0;
  for (const event of history) {
    if (event.kind === "submitted") {
      generation = event.position;
      current = [event];
    } else if (event.generation === generation) {
      if (event.kind === "deleted") [current, generation] = [[], 0];
      else current.push(event);
    }
  }
  return current;
}
