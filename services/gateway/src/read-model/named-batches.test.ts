import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { Releasers } from "@polyreel/platform";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ALL_TENANTS } from "../call/call.js";
import type { ProjectionStore } from "./projection-store.js";
import { combination, ended, factMessage } from "./testing/fact-messages.js";
import { projectionStores } from "./testing/projection-stores.js";

const releasers = new Releasers();
afterAll(() => releasers.close());

const at = (second: number) => new Date(second * 1000);

/** Facts of batches in each standing, of two tenants, among others whose names are close. */
function history() {
  const facts: ReturnType<typeof factMessage>[] = [];
  const add = (...[name, init, id]: [Parameters<typeof factMessage>[0], object, string]) => {
    const sequence = facts.length + 1;
    facts.push(factMessage(name, { batchId: id, ...init } as never, sequence, id));
    return sequence;
  };
  const submit = (id: string, name: string, tenant = "acme") => {
    const time = timestampFromDate(at(facts.length + 1));
    add("batch.submitted", { tenant, name, combinations: 1n, time, outputs: [{ name: "poster", deliveries: 1 }] }, id);
  };
  const plan = (id: string) => {
    add("batch.planned", { combinations: 1n, deliveries: 1n }, id);
    add("combination.planned", combination(0), id);
  };
  const finish = (id: string, end: "combination.delivered" | "combination.failed") => {
    plan(id);
    add(end, ended(0), id);
    add("batch.finished", { run: 1 }, id);
  };
  submit("b1", "video-a one"); // Sequence 1.
  submit("b2", "video-b two");
  plan("b2");
  submit("b3", "video-a three"); // 5, until 9.
  finish("b3", "combination.delivered");
  submit("b4", "video-c four");
  finish("b4", "combination.failed");
  submit("b5", "video-d five");
  add("batch.cancelled", {}, "b5");
  submit("b6", "video-e six", "globex");
  finish("b6", "combination.delivered");
  submit("b7", "video-f seven");
  finish("b7", "combination.delivered");
  add("batch.deleting", { tenant: "acme" }, "b7");
  for (const name of ["video", "video.", "videos", "Video-a", "a video-a"]) submit(`n${name.length}${name[0]}`, name);
  return facts;
}

describe.each(projectionStores(releasers))("batches by name in %s", (_, open) => {
  let store: ProjectionStore | undefined;
  beforeAll(async () => {
    store = await open?.();
    const facts = history();
    await store?.begin({ created: "named", last: facts.length });
    for (const fact of facts) await store?.take([fact], fact.sequence - 1);
  });

  const query = { scope: { tenant: "acme" }, prefix: "video-", offset: 0, limit: 10 };
  const ids = async (more: object = {}) =>
    (await store?.namedBatches({ ...query, ...more }))?.map(({ status }) => status.batchId);

  it("finds them by prefix, newest first, page by page", async (context) => {
    if (!store) return context.skip("PostgreSQL is not installed");
    expect(await ids()).toEqual(["b5", "b4", "b3", "b2", "b1"]);
    expect(await ids({ offset: 1, limit: 2 })).toEqual(["b4", "b3"]);
    expect(await ids({ offset: 5 })).toEqual([]);
    expect(await ids({ prefix: "video-a " })).toEqual(["b3", "b1"]);
    expect(await ids({ prefix: "nothing" })).toEqual([]);
    expect(await ids({ scope: ALL_TENANTS })).toEqual(["b6", "b5", "b4", "b3", "b2", "b1"]);
    expect(await ids({ scope: { tenant: "globex" } })).toEqual(["b6"]);
  });

  it("finds them by standing", async (context) => {
    if (!store) return context.skip("PostgreSQL is not installed");
    expect(await ids({ standing: "pending" })).toEqual(["b1"]);
    expect(await ids({ standing: "processing" })).toEqual(["b2"]);
    expect(await ids({ standing: "completed" })).toEqual(["b3"]);
    expect(await ids({ standing: "failed" })).toEqual(["b5", "b4"]);
  });

  it("counts them, and those that ended today", async (context) => {
    if (!store) return context.skip("PostgreSQL is not installed");
    const tally = await store.namedTally({ ...query, dayBegan: at(10) });
    expect(tally).toEqual({
      all: { pending: 1, processing: 1, completed: 1, failed: 2 },
      today: { completed: 0, failed: 1 },
      averageSeconds: expect.closeTo(4, 3),
    });
    expect((await store.namedTally({ ...query, dayBegan: at(0) })).today).toEqual({ completed: 1, failed: 1 });
    expect((await store.namedTally({ ...query, prefix: "none", dayBegan: at(0) })).averageSeconds).toBeUndefined();
  });
});
