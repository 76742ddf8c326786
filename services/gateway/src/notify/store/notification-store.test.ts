import type { MessageInitShape } from "@bufbuild/protobuf";
import { NotifyEvent, type NotifySummarySchema } from "@polyreel/contract";
import { Releasers } from "@polyreel/platform";
import type { FactMessage } from "@polyreel/platform/stream";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { ALL_TENANTS } from "../../call/call.js";
import type { ProjectionStore } from "../../read-model/projection-store.js";
import { factMessage } from "../../read-model/testing/fact-messages.js";
import { projectionStores } from "../../read-model/testing/projection-stores.js";
import type { State } from "../notification.js";
import type { NotificationStore } from "./notification-store.js";

const releasers = new Releasers();
afterAll(() => releasers.close());

const at = (seconds: number) => new Date(Date.UTC(2030, 0, 1) + seconds * 1000);
const ATTEMPT = { at: at(0), durationMs: 7, status: 500, reason: "It answers 500.\0", response: "no\0" };

const hook = (host: string, ...on: NotifyEvent[]): MessageInitShape<typeof NotifySummarySchema> => ({
  channel: { case: "webhook", value: `${host}/hook` },
  on: on.length > 0 ? on : [NotifyEvent.FINISHED, NotifyEvent.FAILED],
});

let streams = 0;

describe.each(projectionStores(releasers))("notifications in %s", (_, open) => {
  let model: ProjectionStore | undefined;
  let store: NotificationStore;
  let created: string;
  let sequence: number;

  beforeEach(async ({ skip }) => {
    if (!open) return skip("not installed");
    model ??= await open();
    store = model.notifications(() => []);
    created = `stream ${++streams}`;
    sequence = 0;
    await store.begin({ created, last: 0 });
    for (const one of await all()) await store.record([factMessage("batch.deleted", {}, 1e9, one.batchId)]);
    await store.begin({ created: `${created}, again`, last: 0 });
    await store.begin({ created, last: 0 });
  }, 120_000);

  const fact = (name: FactMessage["name"], init: object, batchId = "b1", generation = 0) =>
    factMessage(name, init as never, ++sequence, batchId, generation);
  const submitted = (notify: MessageInitShape<typeof NotifySummarySchema>[], batchId = "b1", tenant = "acme") =>
    fact("batch.submitted", { batchId, tenant, name: "spring", notify }, batchId);
  const failed = (n: number, batchId = "b1") =>
    fact("combination.failed", { combinationId: `c${n}`, failure: { reason: "broken" } }, batchId);
  const finished = (batchId = "b1", run = 1) => fact("batch.finished", { run, delivered: 1n }, batchId);
  const find = (query: Partial<Parameters<NotificationStore["find"]>[0]> = {}) =>
    store.find({ scope: ALL_TENANTS, batchId: "", states: [], after: undefined, limit: 1000, ...query });
  const all = () => find();

  it("records each event once, however often its fact is read", async () => {
    const facts = [submitted([hook("a.example"), hook("b.example")]), failed(1), finished()];
    expect(await store.record(facts)).toBe(true);
    const before = await all();
    expect(before.map(({ type }) => type).sort()).toEqual([
      ...["batch.finished", "batch.finished", "combination.failed", "combination.failed"],
    ]);
    expect(await store.record(facts)).toBe(false);
    expect(await store.record(facts.slice(1))).toBe(false);
    expect(await all()).toEqual(before);
  });

  it("notifies of nothing from before it first followed a stream, and knows its batches all the same", async () => {
    const past = [submitted([hook("a.example")]), failed(1)];
    await store.begin({ created: "another stream", last: sequence });
    await store.record(past);
    expect(await all()).toEqual([]);
    await store.record([failed(2)]);
    expect(await all()).toMatchObject([{ type: "combination.failed", batchId: "b1" }]);
  });

  it("sends nothing again, and loses nothing, where the read model is rebuilt", async () => {
    const facts = [submitted([hook("a.example")]), failed(1), failed(2)];
    await store.record(facts);
    const [claim] = await store.claim("a.example acme", at(0), at(60), 1);
    if (claim) await store.settle(claim, { state: "sent", attempt: ATTEMPT }, at(1));
    await store.prune(at(10)); // What was sent is long gone.
    await store.begin({ created, last: sequence });
    await model?.forget();
    await store.record(facts);
    expect((await all()).map(({ state }) => state)).toEqual(["waiting"]);
    await store.record([finished()]);
    expect(await all()).toHaveLength(2);
  });

  it("does not count what nobody wanted when a rebuild reads it with other receivers", async () => {
    const facts = [submitted([]), failed(1), finished()];
    await model?.begin({ created, last: 0 });
    for (const [i, one] of facts.entries()) {
      await store.record([one]);
      await model?.take([one], i);
    }
    const later = model?.notifications(() => [
      { channel: { case: "webhook", value: { url: "https://a.example/", on: [1, 2], secret: "" } } } as never,
    ]);
    await later?.begin({ created, last: sequence });
    await model?.forget();
    await later?.record(facts);
    expect(await later?.find({ scope: ALL_TENANTS, batchId: "", states: [], after: undefined, limit: 9 })).toEqual([]);
  });

  it("lends each notification to one claimant, until the claim expires", async () => {
    await store.record([submitted([hook("a.example"), hook("b.example")]), failed(1), failed(2)]);
    expect(await store.lanesDue(at(0), "", 10)).toEqual(["a.example acme", "b.example acme"]);
    expect(await store.lanesDue(at(0), "a.example acme", 10)).toEqual(["b.example acme"]);
    const [first, second] = await Promise.all([
      store.claim("a.example acme", at(0), at(60), 1),
      store.claim("a.example acme", at(0), at(61), 5),
    ]);
    const ids = [...first, ...second].map(({ notification }) => notification.id);
    expect(new Set(ids).size).toBe(2);
    expect(await store.claim("a.example acme", at(59), at(99), 5)).toEqual([]);
    const again = await store.claim("a.example acme", at(61), at(99), 5);
    expect(again.map(({ notification }) => notification.id).sort()).toEqual([...ids].sort());
    const [stale] = first;
    if (stale) await store.settle(stale, { state: "failed", attempt: ATTEMPT }, at(62)); // It came too late.
    expect(new Set((await all()).map(({ state }) => state))).toEqual(new Set(["waiting"]));
  });

  it("keeps attempts, with the newest response, and the next time", async () => {
    await store.record([submitted([hook("a.example")]), finished()]);
    for (const second of [0, 100]) {
      const [claim] = await store.claim("a.example acme", at(second), at(second + 60), 1);
      if (claim)
        await store.settle(claim, { state: "waiting", attempt: ATTEMPT, nextAt: at(second + 100) }, at(second));
    }
    const [known] = await all();
    expect(known?.attempts.map(({ response }) => response.replace("\0", ""))).toEqual(["", "no"]);
    expect(known?.attempts[1]).toMatchObject({ at: at(0), durationMs: 7, status: 500 });
    expect(await store.nextDue()).toEqual(at(200));
    await store.bringForward(at(150));
    expect(await store.nextDue()).toEqual(at(150));
  });

  it("stops a receiver for its batch alone, also for what follows", async () => {
    await store.record([submitted([hook("a.example"), hook("b.example")]), failed(1)]);
    await store.record([submitted([hook("a.example")], "b2"), failed(1, "b2")]);
    const [one] = (await find({ batchId: "b1" })).filter(({ receiver }) => receiver === "batch/0");
    if (one) await store.stopReceiver(one, "It is gone.", at(1));
    await store.record([failed(2), failed(2, "b2")]);
    const states = (batchId: string) =>
      find({ batchId }).then((found) => found.map(({ receiver, state }) => `${receiver} ${state}`).sort());
    expect(await states("b1")).toEqual(["batch/0 stopped", "batch/1 waiting", "batch/1 waiting"]);
    expect(await states("b2")).toEqual(["batch/0 waiting", "batch/0 waiting"]);
  });

  it("forgets the notifications of a deleted batch, not those of a later one with its id", async () => {
    await store.record([submitted([hook("a.example")]), failed(1)]);
    const deleted = fact("batch.deleted", {});
    const again = submitted([hook("a.example")]);
    await store.record([deleted, again, failed(1)]);
    expect(await all()).toMatchObject([{ generation: again.sequence }]);
    await store.record([fact("combination.failed", { combinationId: "c2" }, "b1", 1)]); // of the deleted one
    expect(await all()).toHaveLength(1);
  });

  it("lists by tenant, batch and state, newest first, in pages", async () => {
    await store.record([submitted([hook("a.example")]), failed(1), failed(2), finished()]);
    await store.record([submitted([hook("a.example")], "b2", "other"), finished("b2")]);
    const types = (found: readonly { type: string }[]) => found.map(({ type }) => type);
    expect(types(await find({ scope: { tenant: "acme" } }))).toEqual([
      ...["batch.finished", "combination.failed", "combination.failed"],
    ]);
    const [newest] = await find({ batchId: "b1", limit: 1 });
    expect(await find({ batchId: "b1", after: newest })).toHaveLength(2);
    expect(await find({ states: ["sent"] satisfies State[] })).toEqual([]);
    expect(await store.get(newest?.id ?? "", { tenant: "other" })).toBeUndefined();
    expect(await find({ batchId: "\0" })).toEqual([]);
  });

  it("sends again by a new schedule", async () => {
    await store.record([submitted([hook("a.example")]), finished()]);
    const [claim] = await store.claim("a.example acme", at(0), at(60), 1);
    if (!claim) throw new Error("nothing was due");
    await store.settle(claim, { state: "failed", attempt: ATTEMPT }, at(1));
    expect(await store.nextDue()).toBeUndefined();
    const { id } = claim.notification;
    await store.resend(id, at(5));
    expect(await store.get(id, ALL_TENANTS)).toMatchObject({ state: "waiting", attempts: [], nextAt: at(5) });
  });
});
