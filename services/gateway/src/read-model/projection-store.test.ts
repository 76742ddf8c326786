import { BatchState, CombinationState } from "@polyreel/contract";
import { Releasers } from "@polyreel/platform";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ALL_TENANTS } from "../call/call.js";
import { NEWEST_FIRST as ORDER } from "./batch-order.js";
import { BY_ORDINAL } from "./combination-order.js";
import { MemoryProjectionStore } from "./memory/memory-projection-store.js";
import type { ProjectionStore } from "./projection-store.js";
import type { CombinationsQuery } from "./read-model.js";
import { describeDeletion } from "./testing/deletion-contract.js";
import { combination, ended, factMessage, submitted } from "./testing/fact-messages.js";
import { history } from "./testing/history.js";
import { projectionStores } from "./testing/projection-stores.js";
import { describeUsage } from "./testing/usage-contract.js";

const releasers = new Releasers();
afterAll(() => releasers.close());

const ALL: CombinationsQuery = {
  scope: ALL_TENANTS,
  state: CombinationState.UNSPECIFIED,
  choices: [],
  order: BY_ORDINAL,
  after: undefined,
  limit: 100,
};
const NEWEST_FIRST = { scope: ALL_TENANTS, states: [], order: ORDER, after: undefined, limit: 10 };
const DAY = { scope: ALL_TENANTS, dayBegan: new Date(0) };

let streams = 0;

describe.each(projectionStores(releasers))("the read model in %s", (name, open) => {
  let store: ProjectionStore;
  beforeAll(async () => {
    if (open) store = await open();
  });
  beforeEach(async (context) => {
    if (!store) return context.skip("PostgreSQL is not installed");
    expect(await store.begin({ created: `stream ${++streams}`, last: 100 })).toBe(0);
  });

  const ids = async (query: Partial<CombinationsQuery> = {}, batchId = "b1") =>
    (await store.combinations(batchId, { ...ALL, ...query })).map(({ status }) => status.id);
  const everything = async () => ({
    batches: await store.batches(NEWEST_FIRST),
    combinations: [await store.combinations("b1", ALL), await store.combinations("b2", ALL)],
    stats: await store.stats(DAY),
    completed: await store.completed(),
  });

  it("reports batches and combinations according to the facts", async () => {
    expect((await store.take(history(), 0))?.map(({ status }) => status.batchId)).toEqual(["b1"]);
    expect(await store.batch("b1", ALL_TENANTS)).toMatchObject({
      complete: true,
      finishedSequence: undefined,
      status: {
        tenant: "acme",
        state: BatchState.RUNNING,
        combinations: { total: 4n, planned: 4n, rendered: 3n, delivered: 3n, failed: 1n },
        clips: { distinct: 2n, made: 2n, failed: 0n },
        voices: { distinct: 1n, reused: 1n },
      },
    });
    expect(await store.batch("b2", ALL_TENANTS)).toMatchObject({
      complete: false,
      status: { state: BatchState.PLANNING },
    });
    expect(await store.batch("b3", ALL_TENANTS)).toBeUndefined();
    expect(await store.combination("b1", "c2", ALL_TENANTS)).toMatchObject({
      attempt: 2,
      plannedSequence: 7,
      renderedSequence: 21,
      status: {
        ...{ path: "c.mp4", location: "s3://ads/c.mp4", state: CombinationState.DELIVERED },
        metadata: { "hook.campaign": "spring" },
        outputs: [{ path: "c.mp4", location: "s3://ads/c.mp4" }],
      },
    });
    expect((await store.combination("b1", "c3", ALL_TENANTS))?.status.failure).toMatchObject({ reason: "broken" });
    expect(await store.combination("b1", "c9", ALL_TENANTS)).toBeUndefined();
    // No tenant's, another tenant's, its own.
    for (const [tenant, isFound] of [
      ["", false],
      ["other", false],
      ["acme", true],
    ] as const) {
      const scope = { tenant };
      expect((await store.batch("b1", scope)) !== undefined).toBe(isFound);
      expect((await store.combination("b1", "c2", scope)) !== undefined).toBe(isFound);
      expect((await store.combinations("b1", { ...ALL, scope })).length > 0).toBe(isFound);
      expect((await store.batches({ ...NEWEST_FIRST, scope })).some(({ status }) => status.batchId === "b1")).toBe(
        isFound,
      );
      expect((await store.keptBatches(scope)).some(({ batchId }) => batchId === "b1")).toBe(isFound);
      expect((await store.stats({ ...DAY, scope })).combinations.delivered > 0).toBe(isFound);
    }
  });

  it("lists what waits for approval, with its URL path, and what was rejected, with the reason", async () => {
    const awaits = (ordinal: number) => {
      const { attempt, combination: one } = combination(ordinal);
      const outputPlan = {
        targets: [
          { delivery: 0, awaitsApproval: true },
          { delivery: 1, awaitsApproval: true },
        ],
      };
      return { attempt, combination: { ...one, fileName: `${ordinal}.mp4` }, outputPlan, deliveryCount: 2 };
    };
    const [name, init] = submitted("b1", "acme", 10);
    const outputs = [{ name: "video", deliveries: 2 }];
    await store.take(
      [
        factMessage(name, { ...init, combinations: 3n, approve: true, outputs }, 1),
        ...[0, 1, 2].map((ordinal) => factMessage("combination.rendered", awaits(ordinal), 2 + ordinal)),
        factMessage("batch.planned", { combinations: 3n, deliveries: 6n }, 5),
      ],
      0,
    );
    const statusNow = async () => (await store.batch("b1", ALL_TENANTS))?.status;
    expect(await statusNow()).toMatchObject({
      ...{ state: BatchState.AWAITING_APPROVAL, approve: true },
      combinations: { planned: 3n, rendered: 3n, awaitingApproval: 3n, approved: 0n, rejected: 0n },
      deliveries: { total: 6n, awaitingApproval: 6n },
    });
    expect((await store.combination("b1", "c1", ALL_TENANTS))?.status).toMatchObject({
      ...{ state: CombinationState.AWAITING_APPROVAL, urlPath: "/outputs/b1/c1/1.mp4", path: "" },
      outputs: Array(2).fill({ state: CombinationState.AWAITING_APPROVAL, urlPath: "/outputs/b1/c1/1.mp4" }),
    });

    const approved = { ...awaits(0), attempt: 2, outputPlan: { targets: [{ delivery: 0 }, { delivery: 1 }] } };
    await store.take(
      [
        factMessage("batch.resumed", { run: 2, attempt: 2 }, 6),
        factMessage("combination.rendered", approved, 7),
        factMessage("combination.rejected", { ...ended(1, 2), reason: "wrong logo", deliveryCount: 2 }, 8),
      ],
      5,
    );
    expect((await store.batch("b1", ALL_TENANTS))?.requeued).toBe(false);
    expect((await statusNow())?.state).toBe(BatchState.RUNNING);
    await store.take([factMessage("batch.requeued", { run: 2 }, 9)], 8);
    expect(await store.batch("b1", ALL_TENANTS)).toMatchObject({ requeued: true, complete: false });
    expect(await statusNow()).toMatchObject({
      state: BatchState.RUNNING,
      combinations: { awaitingApproval: 1n, approved: 1n, rejected: 1n, delivered: 0n, failed: 0n },
      deliveries: { awaitingApproval: 2n, rejected: 2n },
    });
    expect(await ids({ state: CombinationState.REJECTED })).toEqual(["c1"]);
    expect((await store.combination("b1", "c1", ALL_TENANTS))?.status).toMatchObject({
      ...{ state: CombinationState.REJECTED, rejectionReason: "wrong logo", endedAt: { seconds: 8n } },
      outputs: Array(2).fill({ rejectionReason: "wrong logo" }),
    });
    expect((await store.stats(DAY)).combinations).toMatchObject({ awaitingApproval: 1, rejected: 1, rendered: 1 });

    const elsewhere = { ...ended(0, 2), path: "ads:/a.mp4", location: "s3://ads/a.mp4", delivery: 1, deliveryCount: 2 };
    await store.take([factMessage("combination.delivered", elsewhere, 10)], 9);
    expect((await store.combination("b1", "c0", ALL_TENANTS))?.status.outputs).toMatchObject([
      { path: "", location: "" },
      { path: "ads:/a.mp4", location: "s3://ads/a.mp4" },
    ]);
    expect((await store.stats(DAY)).today).toEqual({ delivered: 0, failed: 0 });
  });

  it("returns the states of a batch's parts in the requested order, and of no other tenant's", async () => {
    const clip = (hash: string) => ({ kind: "clip", hash }) as const;
    const facts = [
      ...history(),
      factMessage("clip.requested", { hash: "k2" }, 30),
      factMessage("clip.requested", { hash: "k3" }, 31),
      factMessage("clip.failed", { hash: "k3" }, 32),
      factMessage("sound.requested", { hash: "k2" }, 33),
      factMessage("sound.ready", { hash: "k2" }, 34),
      factMessage("clip.requested", { hash: "k9" }, 35, "b2"),
    ];
    await store.take(facts, 0);
    const names = [clip("k3"), { kind: "voice", hash: "v1" } as const, clip("k2"), clip("k9"), clip("k0"), clip("k2")];
    const states = ["failed", "reused", "requested", undefined, "made", "requested"];
    const unknown = names.map(() => undefined);
    expect(await store.partStates("b1", names, ALL_TENANTS)).toEqual(states);
    expect(await store.partStates("b1", [{ kind: "sound", hash: "k2" }], ALL_TENANTS)).toEqual(["made"]);
    expect(await store.partStates("b1", [], ALL_TENANTS)).toEqual([]);
    expect(await store.partStates("b1", names, { tenant: "acme" })).toEqual(states);
    for (const tenant of ["other", ""]) expect(await store.partStates("b1", names, { tenant })).toEqual(unknown);
    for (const id of ["b3", "", "b\0", "b".repeat(100)]) {
      expect(await store.partStates(id, names, ALL_TENANTS)).toEqual(unknown);
    }
    // A failed part that is made in a later attempt, and one that is requested again.
    await store.take(
      [factMessage("clip.ready", { hash: "k3" }, 40), factMessage("clip.requested", { hash: "k0" }, 41)],
      35,
    );
    expect(await store.partStates("b1", [clip("k3"), clip("k0")], ALL_TENANTS)).toEqual(["made", "made"]);
  });

  it("has the same content whether facts arrive singly, at once, or twice", async () => {
    await store.take(history(), 0);
    const atOnce = await everything();
    await store.take(history(), 0);
    expect(await everything()).toEqual(atOnce);
    await store.begin({ created: `stream ${++streams}`, last: 100 });
    for (const fact of history()) await store.take([fact], fact.sequence - 1);
    expect(await everything()).toEqual(atOnce);
  });

  it("counts and measures all together", async () => {
    await store.take(history(), 0);
    const stats = await store.stats(DAY);
    expect(stats).toEqual({
      batches: new Map([
        [BatchState.RUNNING, 1],
        [BatchState.PLANNING, 1],
      ]),
      combinations: { planned: 1, rendered: 0, delivered: 3, failed: 1, awaitingApproval: 0, rejected: 0 },
      today: { delivered: 3, failed: 1 },
      queued: { voices: 0, clips: 0, soundtracks: 0, renditions: 0, joins: 1, deliveries: 0 },
      // Facts are a second apart: c0 was planned at 5 s, its clip ready at 13 s, laid out at 15 s, delivered at 16 s.
      waiting: { count: 2, p50: 8, p95: 8 },
      encoding: { count: 2, p50: 10, p95: 10 },
      joining: { count: 2, p50: 2, p95: 3 },
      delivery: { count: 3, p50: 1, p95: 1 },
    });
    // A day that begins within a quarter of an hour, and one that begins at the start of one.
    expect((await store.stats({ ...DAY, dayBegan: new Date(20_500) })).today).toEqual({ delivered: 1, failed: 1 });
    expect((await store.stats({ ...DAY, dayBegan: new Date(900_000) })).today).toEqual({ delivered: 0, failed: 0 });
    const later = factMessage("combination.delivered", { ...ended(3, 2), path: "d.mp4" }, 2000);
    await store.take([later], history().length); // A failed one ends again, half an hour later.
    expect((await store.stats(DAY)).today).toEqual({ delivered: 4, failed: 0 });
    expect((await store.stats({ ...DAY, dayBegan: new Date(900_000) })).today).toEqual({ delivered: 1, failed: 0 });
    expect((await store.stats({ ...DAY, scope: { tenant: "other" } })).combinations).toMatchObject({
      planned: 1,
      delivered: 0,
    });
  });

  it("no longer reports a batch as complete once its end is published", async () => {
    await store.take(history(), 0);
    expect(await store.completed()).toHaveLength(1);
    expect(await store.take([factMessage("batch.finished", { delivered: 3n }, 50)], history().length)).toEqual([]);
    expect(await store.completed()).toEqual([]);
    expect(await store.batch("b1", ALL_TENANTS)).toMatchObject({
      finishedSequence: 50,
      status: { state: BatchState.FINISHED },
    });
  });

  it("accepts nothing after a gap that it was made to forget", async (context) => {
    if (store instanceof MemoryProjectionStore) return context.skip("one process has it, which lets it forget itself");
    await store.take(history(), 0);
    await store.forget();
    expect(await store.take([factMessage("batch.finished", {}, 50)], 24)).toBeUndefined();
    expect(await store.batch("b1", ALL_TENANTS)).toBeUndefined();
  });

  it("lets readers in between the pieces of a write", async (context) => {
    if (name !== "PGlite") return context.skip("only PGlite has a single connection");
    await store.take([factMessage(...submitted("b1", "acme", 1), 1)], 0);
    await store.batch("b1", ALL_TENANTS); // With a reader, less is written at once.
    const went: string[] = [];
    const facts = Array.from({ length: 1000 }, (_, i) => factMessage("combination.planned", combination(i), i + 2));
    const taking = store.take(facts, 1).then(() => went.push("all taken"));
    const page = await store.combinations("b1", { ...ALL, limit: 1000 });
    went.push("page read");
    await taking;
    expect(went).toEqual(["page read", "all taken"]);
    expect(page.length).toBeLessThan(facts.length);
    expect(await store.combinations("b1", { ...ALL, limit: 1000 })).toHaveLength(facts.length);
  });

  describeDeletion(() => store);
  describeUsage(() => store);

  it("finds nothing for names that no database can store, without failing", async () => {
    await store.take(history(), 0);
    expect(await store.batch("b\0", ALL_TENANTS)).toBeUndefined();
    expect(await store.combination("b1", "\0", ALL_TENANTS)).toBeUndefined();
    expect(await store.batches({ ...NEWEST_FIRST, scope: { tenant: "no\0body" } })).toEqual([]);
    const after = { value: undefined, batchId: "\0" };
    expect(await store.batches({ ...NEWEST_FIRST, after })).toEqual(expect.any(Array));
  });

  it("forgets the content of another stream", async () => {
    await store.take(history(), 0);
    expect(await store.begin({ created: "another", last: 100 })).toBe(0);
    expect(await store.batches(NEWEST_FIRST)).toEqual([]);
    expect(await ids()).toEqual([]);
  });
});
