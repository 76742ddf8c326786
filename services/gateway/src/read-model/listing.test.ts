import { BatchState, CombinationState, type CombinationStatus, FailureCode, Stage } from "@polyreel/contract";
import { Releasers } from "@polyreel/platform";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ALL_TENANTS } from "../call/call.js";
import { type BatchOrder, type BatchPosition, positionOf as batchPosition, NEWEST_FIRST } from "./batch-order.js";
import {
  BY_ORDINAL,
  type CombinationOrder,
  type CombinationPosition,
  combinationKeys,
  positionOf,
} from "./combination-order.js";
import type { ProjectionStore } from "./projection-store.js";
import type { BatchesQuery, CombinationsQuery } from "./read-model.js";
import { STATES } from "./status.js";
import { combination, ended, factMessage, submitted } from "./testing/fact-messages.js";
import { causesIn, isWanted, plainly } from "./testing/plain-listing.js";
import { projectionStores } from "./testing/projection-stores.js";
import { sortable } from "./testing/sortable.js";

const releasers = new Releasers();
afterAll(() => releasers.close());

const COUNT = 205;
const ALL = {
  scope: ALL_TENANTS,
  state: CombinationState.UNSPECIFIED,
  choices: [],
  order: BY_ORDINAL,
  after: undefined,
};
const { AWAITING_APPROVAL, DELIVERED, FAILED, RENDERED } = CombinationState;
const MADE = { stage: Stage.JOIN };
const NOBODY = { block: "", choice: "", ...MADE };
let streams = 0;

describe.each(projectionStores(releasers))("lists of the read model in %s", (_, open) => {
  let store: ProjectionStore;
  beforeAll(async () => {
    if (open) store = await open();
  });
  beforeEach(async (context) => {
    if (!store) return context.skip("PostgreSQL is not installed");
    expect(await store.begin({ created: `stream ${++streams}`, last: 100_000 })).toBe(0);
  });

  /** All pages, one after the other, calling `between` after each. */
  async function pages(query: Partial<CombinationsQuery>, limit = 40, between?: () => Promise<unknown>) {
    const all: CombinationStatus[] = [];
    for (let after: CombinationPosition | undefined; ; ) {
      const page = await store.combinations("b1", { ...ALL, ...query, after, limit });
      all.push(...page.map(({ status }) => status));
      const last = page.at(-1);
      if (!last || page.length < limit) return all;
      after = positionOf(last.status, query.order ?? BY_ORDINAL);
      await between?.();
    }
  }
  const ids = (all: readonly CombinationStatus[]) => all.map(({ id }) => id);

  const orders = combinationKeys.flatMap((key) =>
    (["asc", "desc"] as const).flatMap((direction) =>
      ([undefined, "asc", "desc"] as const).map((state): CombinationOrder => ({ state, key, direction })),
    ),
  );
  const filters: [name: string, query: Partial<CombinationsQuery>][] = [
    ["all", {}],
    ["one state", { state: DELIVERED }],
    ["a state without an end", { state: RENDERED }],
    ["what waits for approval", { state: AWAITING_APPROVAL }],
    ["one choice", { choices: [{ block: "digit", choice: "3" }] }],
    [
      "choices of two blocks",
      {
        choices: [
          { block: "digit", choice: "3" },
          { block: "digit", choice: "8" },
          { block: "half", choice: "second" },
        ],
      },
    ],
    ["a state and a choice", { state: FAILED, choices: [{ block: "half", choice: "first" }] }],
    ["a rare choice", { choices: [{ block: "rare", choice: "only" }] }],
    [
      "choices that are never taken together",
      {
        choices: [
          { block: "rare", choice: "only" },
          { block: "half", choice: "first" },
        ],
      },
    ],
    ["a code", { state: FAILED, failureCodes: [FailureCode.UNAVAILABLE] }],
    ["codes, and none", { state: FAILED, failureCodes: [FailureCode.UNSPECIFIED, FailureCode.SOURCE_INVALID] }],
    [
      "a code and a choice",
      {
        state: FAILED,
        failureCodes: [FailureCode.UNAVAILABLE],
        choices: [{ block: "half", choice: "first" }],
      },
    ],
    ["a code that only later deliveries have", { state: FAILED, failureCodes: [FailureCode.RESOURCE_EXHAUSTED] }],
    ["a rare code", { state: FAILED, failureCodes: [FailureCode.INTERNAL] }],
    ["a delivery", { state: FAILED, deliveries: [1] }],
    ["a code of a delivery", { state: FAILED, deliveries: [1], failureCodes: [FailureCode.UNAVAILABLE] }],
    ["a cause", { state: FAILED, causes: [{ block: "digit", choice: "2", code: FailureCode.UNAVAILABLE, ...MADE }] }],
    [
      "a cause without a choice",
      { state: FAILED, causes: [{ ...NOBODY, code: FailureCode.RESOURCE_EXHAUSTED, stage: Stage.PLAN }] },
    ],
    [
      "causes and a choice",
      {
        state: FAILED,
        causes: [
          { block: "digit", choice: "2", code: FailureCode.UNSPECIFIED, ...MADE },
          { ...NOBODY, code: FailureCode.UNAVAILABLE },
        ],
        choices: [{ block: "half", choice: "first" }],
      },
    ],
    ["a cause that is never met", { causes: [{ ...NOBODY, code: FailureCode.INTERNAL, stage: Stage.DELIVERY }] }],
    ["an unknown choice", { choices: [{ block: "digit", choice: "11" }] }],
  ];

  it("sorts and filters like a plain implementation, whatever the page size", async () => {
    await store.take(sortable(COUNT), 0);
    const whole = await pages({});
    expect(whole).toHaveLength(COUNT);
    expect(ids(whole)).toEqual(Array.from({ length: COUNT }, (_, n) => `c${n}`));
    for (const [i, [name, query]] of filters.entries()) {
      const wanted = whole.filter((one) => isWanted(one, query));
      expect(wanted.length > 0, name).toBe(!/unknown|never/.test(name));
      const counted = await store.countCombinations("b1", { ...ALL, ...query, limit: 1 });
      expect(counted, name).toBe(wanted.length);
      for (const [j, order] of orders.entries()) {
        const expected = [...wanted].sort(plainly(order));
        const about = `${name} by ${JSON.stringify(order)}`;
        expect(ids(await pages({ ...query, order })), about).toEqual(ids(expected));
        if ((i + j) % 3 > 0) continue;
        const [nth, limit] = [Math.max(1, Math.ceil(expected.length / 2)), 5];
        const after = await store.positionOfNth("b1", { ...ALL, ...query, order, limit }, nth);
        const rest = after ? await store.combinations("b1", { ...ALL, ...query, order, after, limit }) : [];
        expect(ids(rest.map(({ status }) => status)), about).toEqual(ids(expected.slice(nth, nth + limit)));
        const beyond = await store.positionOfNth("b1", { ...ALL, ...query, order, limit }, expected.length + 1);
        expect(beyond, about).toBeUndefined();
      }
    }
  });

  it("neither repeats nor skips unchanged items while others change", async () => {
    const facts = sortable(COUNT);
    await store.take(facts.slice(0, 300), 0);
    const before = await pages({});
    for (const order of orders.filter(({ state }) => state !== "asc")) {
      await store.begin({ created: `stream ${++streams}`, last: 100_000 });
      await store.take(facts.slice(0, 300), 0);
      let taken = 300;
      const seen = await pages({ order }, 20, async () => {
        await store.take(facts.slice(taken, taken + 20), taken);
        taken += 20;
      });
      const after = new Map((await pages({})).map((one) => [one.id, one.state]));
      const unchanged = before.filter(({ id, state }) => after.get(id) === state);
      const times = new Map<string, number>();
      for (const { id } of seen) times.set(id, (times.get(id) ?? 0) + 1);
      expect(
        unchanged.filter(({ id }) => times.get(id) !== 1),
        JSON.stringify(order),
      ).toEqual([]);
    }
  });

  it("counts choices by state like a plain implementation", async () => {
    await store.take(sortable(COUNT), 0);
    const expected = new Map<string, number>();
    for (const { choices, state } of await pages({}))
      for (const { block, choice } of choices) {
        const key = `${block}=${choice} ${state}`;
        expected.set(key, (expected.get(key) ?? 0) + 1);
      }
    const counts = await store.choiceCounts("b1", { tenant: "acme" });
    expect(counts.filter(({ block }) => block === "digit")).toHaveLength(10);
    const counted = counts.flatMap(({ block, choice, inStep }) =>
      Object.entries(inStep).flatMap(([step, count]) =>
        count > 0 ? [[`${block}=${choice} ${STATES[step as keyof typeof STATES]}`, count] as const] : [],
      ),
    );
    expect(new Map(counted)).toEqual(expected);
    expect(await store.choiceCounts("b1", { tenant: "other" })).toEqual([]);
    expect(await store.choiceCounts("b9", ALL_TENANTS)).toEqual([]);
  });

  it("groups failures by cause like a plain implementation", async () => {
    await store.take(sortable(COUNT), 0);
    const failed = await pages({ state: FAILED });
    const { groups, omitted } = await store.failureGroups("b1", { tenant: "acme" });
    expect(omitted).toBe(0);
    expect(groups.map(({ combinations }) => combinations)).toEqual(
      groups.map(({ combinations }) => combinations).sort((a, b) => b - a),
    );
    const causes = failed.flatMap((one) => [...new Set(causesIn(one).map((cause) => JSON.stringify(cause)))]);
    expect(new Set(groups.map(({ cause }) => JSON.stringify(cause)))).toEqual(new Set(causes));
    for (const { cause, combinations, combinationId, ordinal, failure } of groups) {
      const those = await pages({ state: FAILED, causes: [cause] });
      expect(those).toHaveLength(combinations);
      expect(causes.filter((one) => one === JSON.stringify(cause))).toHaveLength(combinations);
      expect(those[0]).toMatchObject({ id: combinationId, ordinal: BigInt(ordinal) });
      expect(failure).toMatchObject({ reason: "No.", code: cause.code });
    }
    expect((await store.failureGroups("b1", { tenant: "other" })).groups).toEqual([]);
  });

  it("returns no page of another batch, an unknown one, or an empty one", async () => {
    await store.take([...sortable(5), factMessage("combination.planned", combination(0), 50, "b2")], 0);
    expect(await store.combinations("b3", { ...ALL, limit: 10 })).toEqual([]);
    const choices = [{ block: "digit", choice: "1" }];
    expect(await store.combinations("b2", { ...ALL, choices, limit: 10 })).toEqual([]);
  });

  it("pages batches in any order, by tenant and state", async () => {
    const facts = ["b3", "b1", "b2", "b0"].map((id, i) =>
      factMessage(...submitted(id, i % 2 ? "acme" : "other", id === "b0" ? 5 : 7), i + 1, id),
    );
    const more = [
      factMessage("batch.cancelled", {}, 5, "b2"),
      factMessage("combination.failed", ended(0), 6, "b9"),
      factMessage("batch.finished", {}, 7, "b1"),
      factMessage("batch.finished", {}, 8, "b0"),
    ];
    await store.take([...facts, ...more], 0);
    const found = async (query: Partial<BatchesQuery>, limit = 1) => {
      const all: string[] = [];
      for (let after: BatchPosition | undefined; ; ) {
        const page = await store.batches({
          scope: ALL_TENANTS,
          states: [],
          order: NEWEST_FIRST,
          after,
          limit,
          ...query,
        });
        all.push(...page.map(({ status }) => status.batchId));
        const last = page.at(-1);
        if (!last || page.length < limit) return all;
        after = batchPosition(last.status, query.order ?? NEWEST_FIRST);
      }
    };
    const by = (key: BatchOrder["key"], direction: BatchOrder["direction"]) => ({ order: { key, direction } });
    for (const limit of [1, 2, 3, 10]) {
      expect(await found({}, limit)).toEqual(["b3", "b2", "b1", "b0"]);
      expect(await found(by("submitted_at", "asc"), limit)).toEqual(["b0", "b1", "b2", "b3"]);
      expect(await found(by("finished_at", "asc"), limit)).toEqual(["b1", "b0", "b2", "b3"]);
      expect(await found(by("finished_at", "desc"), limit)).toEqual(["b0", "b1", "b3", "b2"]);
      expect(await found(by("name", "asc"), limit)).toEqual(["b0", "b1", "b2", "b3"]);
      expect(await found(by("name", "desc"), limit)).toEqual(["b3", "b2", "b1", "b0"]);
      expect(await found({ scope: { tenant: "acme" } }, limit)).toEqual(["b1", "b0"]);
      expect(await found({ states: [BatchState.CANCELLED] }, limit)).toEqual(["b2"]);
      expect(await found({ text: "b1" }, limit)).toEqual(["b1"]);
      expect(await found({ text: "%" }, limit)).toEqual([]);
      expect(await found({ text: "F ACME" }, limit)).toEqual(["b1", "b0"]);
    }
    await store.take([factMessage("batch.resumed", { run: 2 }, 9, "b0")], 8);
    expect(await found(by("finished_at", "desc"))).toEqual(["b1", "b3", "b2", "b0"]);
  });
});
