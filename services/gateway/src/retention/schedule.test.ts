import { createLog } from "@polyreel/platform/runtime";
import { createTelemetry } from "@polyreel/platform/telemetry";
import { expect, it } from "vitest";
import { gatewayDefaults } from "../config.js";
import type { Cleaner, CleanUp } from "./cleaner.js";
import { CleanUpSchedule } from "./schedule.js";

const config = { ...gatewayDefaults.retention, olderThanMs: 5000, everyMs: 1 };
const nothing = { batches: [], decodedSounds: { count: 0, bytes: 0 } };

async function start(tryCleanUp: Cleaner["tryCleanUp"], caughtUp = Promise.resolve()) {
  const telemetry = await createTelemetry("test", {});
  const cleaner = { config, tryCleanUp } as Cleaner;
  return new CleanUpSchedule({ cleaner, telemetry, log: createLog("test", "silent"), caughtUp });
}

it("begins when the past is known, and goes on after what went wrong", async () => {
  const asked: CleanUp[] = [];
  let knowsPast = () => {};
  const schedule = await start(
    async (one) => {
      asked.push(one);
      if (asked.length === 1) throw new Error("the database is away");
      return asked.length === 2 ? undefined : nothing; // another gateway is at it
    },
    new Promise((resolve) => {
      knowsPast = resolve;
    }),
  );
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked).toEqual([]);
  knowsPast();
  await expect.poll(() => asked.length).toBeGreaterThan(3);
  await schedule.close();
  const [first] = asked;
  expect(first).toMatchObject({
    olderThanMs: 5000,
    maxBytes: Number.POSITIVE_INFINITY,
    scope: { all: true },
    dryRun: false,
  });
  const times = asked.length;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(asked.length).toBe(times);
});

it("ends with the service, also amid a clean-up, which it waits for, and never runs two at once", async () => {
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

it("ends before it has begun", async () => {
  const schedule = await start(() => expect.fail("it cleaned up"), new Promise(() => {}));
  await schedule.close();
});
