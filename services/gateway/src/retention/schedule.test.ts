import { createLog } from "@polyreel/platform/runtime";
import { createTelemetry } from "@polyreel/platform/telemetry";
import { expect, it } from "vitest";
import { gatewayDefaults } from "../config.js";
import type { Cleaner, CleanUp } from "./cleaner.js";
import { CleanUpSchedule } from "./schedule.js";

const NOTHING = { count: 0, bytes: 0 };

const config = { ...gatewayDefaults.retention, olderThanMs: 5000, everyMs: 1 };
const nothing = { batches: [], decodedSounds: NOTHING, sources: NOTHING, uploads: NOTHING };

async function start(tryCleanUp: Cleaner["tryCleanUp"], caughtUp = Promise.resolve()) {
  const telemetry = await createTelemetry("test", {});
  const cleaner = { config, tryCleanUp } as Cleaner;
  const log = createLog("test", "silent");
  const audit = { assertRecordable: () => {}, record: async () => {} };
  return new CleanUpSchedule({ cleaner, telemetry, log, caughtUp, audit, expire: async () => {} });
}

it("starts when the read model has caught up, and continues after failures", async () => {
  const requests: CleanUp[] = [];
  let knowsPast = () => {};
  const schedule = await start(
    async (one) => {
      requests.push(one);
      if (requests.length === 1) throw new Error("the database is unavailable");
      return requests.length === 2 ? undefined : nothing; // Another gateway cleans up.
    },
    new Promise((resolve) => {
      knowsPast = resolve;
    }),
  );
  await new Promise((resolve) => setImmediate(resolve));
  expect(requests).toEqual([]);
  knowsPast();
  await expect.poll(() => requests.length).toBeGreaterThan(3);
  await schedule.close();
  const [first] = requests;
  expect(first).toMatchObject({
    olderThanMs: 5000,
    maxBytes: Number.POSITIVE_INFINITY,
    scope: { all: true },
    dryRun: false,
  });
  const times = requests.length;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(requests.length).toBe(times);
});

it("stops with the service after finishing a running clean-up, and never runs two at once", async () => {
  let [underWay, most] = [0, 0];
  const schedule = await start(async (_, signal) => {
    most = Math.max(most, ++underWay);
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    await new Promise((resolve) => setImmediate(resolve));
    underWay--;
    signal.throwIfAborted();
    return nothing;
  });
  await expect.poll(() => underWay).toBe(1);
  await schedule.close();
  expect({ underWay, most }).toEqual({ underWay: 0, most: 1 });
});

it("can be stopped before it has begun", async () => {
  const schedule = await start(() => expect.fail("it cleaned up"), new Promise(() => {}));
  await schedule.close();
});
