import { BatchState, maskOf, shortCount, shortMask } from "@polyreel/contract";
import { Releasers } from "@polyreel/platform";
import type { FactMessage } from "@polyreel/platform/stream";
import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { ALL_TENANTS } from "../call/call.js";
import type { ProjectionStore } from "./projection-store.js";
import type { KnownBatch } from "./read-model.js";
import { combination, ended, factMessage } from "./testing/fact-messages.js";
import { projectionStores } from "./testing/projection-stores.js";
import { type Event, type Expected, expected, type PartStep, type Step } from "./testing/reference.js";

const releasers = new Releasers();
afterAll(() => releasers.close());

const ID = "b1";
/** In memory a run takes a millisecond or less; in a database, tens. */
const RUNS = { memory: 2000, database: 40 };

const run = fc.integer({ min: 1, max: 3 });
/** A possible next fact. `stale`: by a process that was paused since an earlier batch with this id. */
const move = fc.record({
  stale: fc.boolean().chain((stale) => (stale ? fc.boolean() : fc.constant(false))),
  what: fc.oneof(
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("submitted" as const), total: fc.nat(3) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("planned" as const), total: fc.constant(2) }) },
    {
      weight: 12,
      arbitrary: fc.record({
        kind: fc.constant("combination" as const),
        id: fc.nat(1),
        attempt: fc.integer({ min: 1, max: 3 }),
        step: fc.constantFrom<Step>("planned", "rendered", "awaiting", "delivered", "rejected", "failed"),
        /** Candidates for its deliveries: for layouts those of one output, for deliveries one. */
        some: fc.uniqueArray(fc.nat(5), { minLength: 1, maxLength: 6 }),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant("part" as const),
        id: fc.nat(2),
        state: fc.constantFrom<PartStep>("requested", "failed", "reused", "made"),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constantFrom("resumed" as const, "requeued" as const, "finished" as const),
        run,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constantFrom("cancelled" as const, "deleting" as const, "deleted" as const) }),
    },
  ),
});
/** The batch is submitted first; `size`: facts applied at once; `again`: the process died before it had committed them. */
const history = fc.record({
  /** Numbers of destinations, by output; `undefined`: facts of a release with one output per batch. */
  outputs: fc.constantFrom(undefined, [1], [2, 1], [1, 3, 2]),
  moves: fc.array(move, { maxLength: 60 }),
  pieces: fc.array(fc.record({ size: fc.integer({ min: 1, max: 12 }), again: fc.boolean() }), { minLength: 1 }),
});

type Move = typeof move extends fc.Arbitrary<infer T> ? T : never;
type Outputs = readonly number[] | undefined;

const deliveriesEach = (outputs: Outputs = [1]): number => outputs.reduce((sum, destinations) => sum + destinations, 0);

/** By number of the delivery. */
const outputOfDelivery = (outputs: Outputs = [1]): number[] =>
  outputs.flatMap((destinations, output) => Array.from({ length: destinations }, () => output));

/** A layout is about one output, with some of its deliveries; a delivery about one. */
function deliveriesOf(
  { step, some }: { readonly step: Step; readonly some: readonly number[] },
  outputs: Outputs,
): number[] {
  const all = outputOfDelivery(outputs);
  const among = [...new Set(some.map((number) => number % all.length))].sort((a, b) => a - b);
  const [first = 0] = among;
  if (step === "delivered") return [first];
  return isLayout(step) ? among.filter((number) => all[number] === all[first]) : among;
}

const isLayout = (step: Step): boolean => step === "rendered" || step === "awaiting";

/**
 * The stream's content: a second submission is refused while the first one exists, and nobody works on a batch without
 * one.
 */
function eventsOf(moves: readonly Move[], outputs: Outputs): Event[] {
  const events: Event[] = [{ kind: "submitted", total: 2, position: 1, generation: 0 }];
  let [current, earlier] = [1, 0];
  for (const { what, stale } of moves) {
    const position = events.length + 1;
    if (what.kind === "submitted") {
      if (current > 0) continue;
      current = position;
      events.push({ ...what, position, generation: 0 });
      continue;
    }
    const generation = stale ? earlier : current;
    if (generation === 0) continue;
    const about = what.kind === "combination" ? { deliveries: deliveriesOf(what, outputs) } : {};
    events.push({ ...what, ...about, position, generation } as Event);
    if (what.kind === "deleted" && generation === current) [earlier, current] = [current, 0];
  }
  return events;
}

function factOf(event: Event, outputs: Outputs): FactMessage {
  const { position, generation } = event;
  const as = <N extends FactMessage["name"]>(name: N, init: Parameters<typeof factMessage<N>>[1]) =>
    factMessage(name, init, position, ID, generation);
  switch (event.kind) {
    case "submitted":
      return as("batch.submitted", {
        ...{ batchId: ID, combinations: BigInt(event.total) },
        outputs: outputs?.map((deliveries, i) => ({ name: `output-${i}`, deliveries })) ?? [],
      });
    case "planned": {
      const deliveries = outputs ? BigInt(event.total * deliveriesEach(outputs)) : 0n;
      return as("batch.planned", { batchId: ID, combinations: BigInt(event.total), deliveries });
    }
    case "combination":
      return as(
        `combination.${event.step === "awaiting" ? "rendered" : event.step}`,
        outputs ? factOfDeliveries(event, outputs) : plainFact(event),
      );
    case "part": {
      const about = { batchId: ID, hash: `k${event.id}` };
      if (event.state === "requested" || event.state === "failed") return as(`clip.${event.state}`, about);
      return as("clip.ready", { ...about, reused: event.state === "reused" });
    }
    case "resumed":
    case "requeued":
    case "finished":
      return as(`batch.${event.kind}`, { batchId: ID, run: event.run });
    default:
      return as(`batch.${event.kind}`, { batchId: ID });
  }
}

type CombinationEvent = Extract<Event, { readonly kind: "combination" }>;

const plainFact = ({ step, id, attempt }: CombinationEvent) => ({
  ...(step === "planned" || isLayout(step) ? combination(id, attempt) : ended(id, attempt)),
  ...(step === "awaiting" && { outputPlan: { targets: [{ awaitsApproval: true }] } }),
});

function factOfDeliveries(event: CombinationEvent, outputs: readonly number[]) {
  const { step, deliveries } = event;
  const number = outputOfDelivery(outputs);
  const [first = 0] = deliveries;
  const deliveryCount = shortCount(deliveriesEach(outputs));
  const plan = (output: number) => ({
    number: output,
    targets: deliveries.flatMap((delivery) =>
      number[delivery] === output ? { delivery, awaitsApproval: step === "awaiting" } : [],
    ),
  });
  const about = { ...plainFact(event), deliveryCount };
  if (step === "planned")
    return { ...about, outputs: [...new Set(deliveries.map((one) => number[one] ?? 0))].map(plan) };
  if (isLayout(step)) return { ...about, output: number[first] ?? 0, outputPlan: plan(number[first] ?? 0) };
  if (step === "delivered") return { ...about, delivery: first, output: number[first] ?? 0 };
  return { ...about, deliveries: shortMask(maskOf(deliveries), deliveriesEach(outputs)) };
}

/** In the terms of the reference. */
function shown(known: KnownBatch | undefined): Expected | undefined {
  if (!known) return undefined;
  const { total, planned, rendered, delivered, failed, awaitingApproval, rejected } = known.status.combinations ?? {};
  const { deliveries } = known.status;
  const { made, reused, failed: failedParts } = known.status.clips ?? {};
  const parts = { made: Number(made), reused: Number(reused), failed: Number(failedParts) };
  return {
    state: known.status.state,
    ...{ total: Number(total), planned: Number(planned), rendered: Number(rendered) },
    ...{ delivered: Number(delivered), failed: Number(failed), parts },
    ...{ awaiting: Number(awaitingApproval), rejected: Number(rejected) },
    deliveries: {
      total: Number(deliveries?.total),
      delivered: Number(deliveries?.delivered),
      failed: Number(deliveries?.failed),
      awaiting: Number(deliveries?.awaitingApproval),
      rejected: Number(deliveries?.rejected),
    },
    ...{ run: known.run, complete: known.complete, finished: known.finishedSequence !== undefined },
  };
}

const isToBeFinished = (one: Expected | undefined): boolean =>
  one?.complete === true && !one.finished && one.state !== BatchState.DELETING;

describe.each(projectionStores(releasers))("completion in %s", (name, open) => {
  it("matches a recount of all facts, in any order, repeated or late", {
    timeout: 300_000,
  }, async (context) => {
    if (!open) return context.skip("PostgreSQL is not installed");
    const store = await open();
    let streams = 0;
    const numRuns = name === "memory" ? RUNS.memory : RUNS.database;
    await fc.assert(
      fc.asyncProperty(history, async ({ outputs, moves, pieces }) => {
        await store.begin({ created: `stream ${++streams}`, last: 1000 });
        await agree(store, eventsOf(moves, outputs), outputs, pieces);
      }),
      { numRuns, seed: 20_261_129 },
    );
  });
});

async function agree(
  store: ProjectionStore,
  events: readonly Event[],
  outputs: Outputs,
  pieces: readonly { size: number; again: boolean }[],
): Promise<void> {
  let taken = 0;
  for (let i = 0; taken < events.length; i++) {
    const { size, again } = pieces[i % pieces.length] ?? { size: 1, again: false };
    const piece = events.slice(taken, taken + size);
    const facts = piece.map((event) => factOf(event, outputs));
    if (again) await store.take(facts, taken);
    const complete = await store.take(facts, taken);
    taken += piece.length;
    const wanted = expected(events.slice(0, taken), deliveriesEach(outputs));
    expect(shown(await store.batch(ID, ALL_TENANTS))).toEqual(wanted);
    expect(complete?.map(({ status }) => status.batchId)).toEqual(isToBeFinished(wanted) ? [ID] : []);
    expect((await store.completed()).map(({ status }) => status.batchId)).toEqual(isToBeFinished(wanted) ? [ID] : []);
  }
}
