import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { BatchChanges } from "./batch-changes.js";
import { KeptByBatch } from "./kept-by-batch.js";

it("computes once for all callers, and again after the batch has changed", async () => {
  const changes = new BatchChanges();
  let computed = 0;
  const kept = new KeptByBatch(changes, async () => {
    await delay(1);
    return { computed: ++computed };
  });
  expect(await Promise.all([kept.of("b1"), kept.of("b1")])).toEqual([{ computed: 1 }, { computed: 1 }]);
  await delay(50);
  changes.note([{ batchId: "b2", sequence: 1 }]);
  expect(await kept.of("b1")).toEqual({ computed: 1 });
  changes.note([{ batchId: "b1", sequence: 2 }]);
  expect(await kept.of("b1")).toEqual({ computed: 2 });
});

it("computes an expensive value of a changing batch seldom, and one that failed again", async () => {
  const changes = new BatchChanges();
  let computed = 0;
  const kept = new KeptByBatch(changes, async () => {
    await delay(200);
    computed++;
    if (computed === 1) throw new Error("The database is away.");
    return { computed };
  });
  await expect(kept.of("b1")).rejects.toThrow("away");
  for (let i = 0; i < 5; i++) {
    changes.note([{ batchId: "b1", sequence: i }]);
    expect(await kept.of("b1")).toEqual({ computed: 2 });
  }
});
