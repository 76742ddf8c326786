import { BatchState } from "@polyreel/contract";
import { Releasers } from "@polyreel/platform/lifecycle.js";
import type { Told } from "@polyreel/platform/nats/follow.js";
import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { ALL_TENANTS } from "../call/call.js";
import type { Ledger } from "./ledger.js";
import type { KnownBatch } from "./read-model.js";
import { ledgers } from "./testing/ledgers.js";
import { type Event, type Expected, expected, type PartStep, type Step } from "./testing/reference.js";
import { combination, ended, told } from "./testing/told.js";

const releasers = new Releasers();
afterAll(() => releasers.close());

const ID = "b1";
/** In memory one takes a millisecond or less; in a database, tens. */
const RUNS = { memory: 2000, database: 40 };

const run = fc.integer({ min: 1, max: 3 });
/** What may be published next. `stale`: by a process that was stopped since an earlier batch of this id. */
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
        step: fc.constantFrom<Step>("planned", "rendered", "delivered", "failed"),
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
/** The batch is submitted first; `size`: facts taken in at once; `again`: the process died before it had kept that it had. */
const history = fc.record({
  moves: fc.array(move, { maxLength: 60 }),
  pieces: fc.array(fc.record({ size: fc.integer({ min: 1, max: 12 }), again: fc.boolean() }), { minLength: 1 }),
});

type Move = typeof move extends fc.Arbitrary<infer T> ? T : never;

/** What the stream holds: a second submission is refused while the first one is there, and nobody works on no batch. */
function eventsOf(moves: readonly Move[]): Event[] {
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
    events.push({ ...what, position, generation } as Event);
    if (what.kind === "deleted" && generation === current) [earlier, current] = [current, 0];
  }
  return events;
}

function factOf(event: Event): Told {
  const { position, generation } = event;
  const as = <N extends Told["name"]>(name: N, init: Parameters<typeof told<N>>[1]) =>
    told(name, init, position, ID, generation);
  switch (event.kind) {
    case "submitted":
      return as("batch.submitted", { batchId: ID, combinations: BigInt(event.total) });
    case "planned":
      return as("batch.planned", { batchId: ID, combinations: BigInt(event.total) });
    case "combination":
      return event.step === "planned" || event.step === "rendered"
        ? as(`combination.${event.step}`, combination(event.id, event.attempt))
        : as(`combination.${event.step}`, ended(event.id, event.attempt));
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

/** The same words as the reference has. */
function shown(known: KnownBatch | undefined): Expected | undefined {
  if (!known) return undefined;
  const { total, planned, rendered, delivered, failed } = known.status.combinations ?? {};
  const { made, reused, failed: failedParts } = known.status.clips ?? {};
  const parts = { made: Number(made), reused: Number(reused), failed: Number(failedParts) };
  return {
    state: known.status.state,
    ...{ total: Number(total), planned: Number(planned), rendered: Number(rendered) },
    ...{ delivered: Number(delivered), failed: Number(failed), parts },
    ...{ run: known.run, complete: known.complete, finished: known.finishedSequence !== undefined },
  };
}

const isToBeFinished = (one: Expected | undefined): boolean =>
  one?.complete === true && !one.finished && one.state !== BatchState.DELETING;

describe.each(ledgers(releasers))("completion in %s", (name, open) => {
  it("is what a recount of all facts finds, whatever comes when, twice or late", {
    timeout: 300_000,
  }, async (context) => {
    if (!open) return context.skip("PostgreSQL is not installed");
    const ledger = await open();
    let streams = 0;
    const numRuns = name === "memory" ? RUNS.memory : RUNS.database;
    await fc.assert(
      fc.asyncProperty(history, async ({ moves, pieces }) => {
        await ledger.begin({ created: `stream ${++streams}`, last: 1000 });
        await agree(ledger, eventsOf(moves), pieces);
      }),
      { numRuns, seed: 20_261_129 },
    );
  });
});

async function agree(
  ledger: Ledger,
  events: readonly Event[],
  pieces: readonly { size: number; again: boolean }[],
): Promise<void> {
  let taken = 0;
  for (let i = 0; taken < events.length; i++) {
    const { size, again } = pieces[i % pieces.length] ?? { size: 1, again: false };
    const piece = events.slice(taken, taken + size);
    if (again) await ledger.take(piece.map(factOf), taken);
    const complete = await ledger.take(piece.map(factOf), taken);
    taken += piece.length;
    const wanted = expected(events.slice(0, taken));
    expect(shown(await ledger.batch(ID, ALL_TENANTS))).toEqual(wanted);
    expect(complete?.map(({ status }) => status.batchId)).toEqual(isToBeFinished(wanted) ? [ID] : []);
    expect((await ledger.completed()).map(({ status }) => status.batchId)).toEqual(isToBeFinished(wanted) ? [ID] : []);
  }
}
