import { create } from "@bufbuild/protobuf";
import { type Notify, NotifyEvent, NotifySchema } from "@polyreel/contract";
import { NO_SECRETS } from "@polyreel/pipeline/settings";
import { Releasers } from "@polyreel/platform";
import { createLog } from "@polyreel/platform/runtime";
import { admissionOf, WEBHOOKS } from "@polyreel/platform/web";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ALL_TENANTS } from "../../call/call.js";
import { factMessage } from "../../read-model/testing/fact-messages.js";
import { notifyDefaults } from "../config.js";
import type { Notification } from "../notification.js";
import { notifySummaries } from "../receivers.js";
import { DELAYS_MS } from "../schedule.js";
import { MemoryNotificationStore } from "../store/memory-notification-store.js";
import { type Answer, SECRET, startReceiver, type TestReceiver } from "../testing/receiver.js";
import { Sender, type SenderDeps } from "./sender.js";

let releasers: Releasers;
beforeEach(() => {
  releasers = new Releasers();
});
afterEach(async () => {
  vi.useRealTimers();
  await releasers.close();
});

const BEGIN = Date.now();

/** A store with a batch of each tenant, and a sender whose clock stands until it is moved. */
async function openBench(batches: Record<string, Notify[]>, more: Partial<SenderDeps> = {}) {
  const store = new MemoryNotificationStore(() => []);
  await store.begin({ created: "s", last: 0 });
  let sequence = 0;
  const clock = { ms: BEGIN };
  const fact = (name: Parameters<typeof factMessage>[0], init: object, batchId: string) => ({
    ...factMessage(name, init as never, ++sequence, batchId),
    time: new Date(clock.ms),
  });
  const record = (name: Parameters<typeof factMessage>[0], init: object, batchId: string) =>
    store.record([fact(name, init, batchId) as never]);
  for (const [tenant, notify] of Object.entries(batches)) {
    const batchId = `of-${tenant}`;
    await record("batch.submitted", { batchId, tenant, notify: notifySummaries(notify) }, batchId);
  }
  const sender = releasers.use(
    new Sender({
      store,
      receivers: {
        of: async ({ tenant, receiver }) => batches[tenant]?.[Number(receiver.split("/")[1])],
      },
      config: {
        ...notifyDefaults,
        admission: admissionOf("127.0.0.1", WEBHOOKS),
        secrets: new Map([["default", [SECRET]]]),
        timeoutMs: 1000,
      },
      log: createLog("test", "silent"),
      secrets: NO_SECRETS,
      caughtUp: Promise.resolve(),
      now: () => new Date(clock.ms),
      random: () => 0.5,
      ...more,
    }),
  );
  const all = () => store.find({ scope: ALL_TENANTS, batchId: "", states: [], after: undefined, limit: 10_000 });
  const states = async () => (await all()).map(({ state }) => state);
  return { store, sender, record, clock, all, states };
}

const hook = (receiver: Pick<TestReceiver, "url">, ...on: NotifyEvent[]): Notify =>
  create(NotifySchema, {
    channel: { case: "webhook", value: { url: receiver.url, secret: "default", on: on.length > 0 ? on : [1, 2] } },
  });

async function receiverOf(answer?: Answer): Promise<TestReceiver> {
  const receiver = await startReceiver(answer);
  releasers.add(() => receiver[Symbol.asyncDispose]());
  return receiver;
}

const failed = (n: number) => ({ combinationId: `c${n}`, failure: { reason: "broken" } });

it("tries by the schedule, always with the same id, until it is accepted", async () => {
  // The signature's time is the clock's: within five minutes of the receiver's only at the beginning.
  vi.useFakeTimers({ toFake: ["Date"] });
  const receiver = await receiverOf((response, _, count) => response.writeHead(count < 8 ? 500 : 200).end());
  const { sender, record, clock, all } = await openBench({ acme: [hook(receiver)] });
  await record("batch.finished", { run: 1 }, "of-acme");
  for (let attempt = 1; attempt <= 8; attempt++) {
    sender.poke();
    await expect.poll(async () => (await all())[0]?.attempts.length).toBe(attempt);
    const [{ state, nextAt } = {} as Notification] = await all();
    expect(state).toBe(attempt < 8 ? "waiting" : "sent");
    if (attempt < 8) expect(nextAt.getTime() - clock.ms).toBe(DELAYS_MS[attempt - 1]);
    clock.ms = nextAt.getTime();
    vi.setSystemTime(clock.ms);
  }
  expect(receiver.received).toHaveLength(8);
  expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1);
});

it("gives up after the last attempt, and loses none to a clock that jumps", async () => {
  const receiver = await receiverOf((response) => response.writeHead(503).end());
  const { sender, record, clock, all } = await openBench({ acme: [hook(receiver)] });
  await record("batch.finished", { run: 1 }, "of-acme");
  vi.useFakeTimers({ toFake: ["Date"] });
  for (let attempt = 1; attempt <= 8; attempt++) {
    sender.poke();
    await expect.poll(async () => (await all())[0]?.attempts.length).toBe(attempt);
    clock.ms += 30 * 24 * 3_600_000; // a month ahead
    vi.setSystemTime(clock.ms);
  }
  expect(await all()).toMatchObject([{ state: "failed" }]);
  expect(receiver.received).toHaveLength(8);
});

it("waits as long as the receiver asks, and stops where it is gone", async () => {
  const receiver = await receiverOf((response, { event }) =>
    response.writeHead(event.type === "batch.finished" ? 429 : 410, { "retry-after": "600" }).end(),
  );
  const { sender, record, clock, all } = await openBench({ acme: [hook(receiver)] });
  await record("batch.finished", { run: 1 }, "of-acme");
  sender.poke();
  await expect.poll(async () => (await all())[0]?.attempts.length).toBe(1);
  expect((await all())[0]?.nextAt.getTime()).toBe(clock.ms + 600_000);
  await record("combination.failed", failed(1), "of-acme");
  sender.poke();
  const states = async () => (await all()).map(({ state }) => state);
  await expect.poll(states).toEqual(["stopped", "stopped"]);
  await record("combination.failed", failed(2), "of-acme");
  expect(await states()).toHaveLength(2);
});

it("serves a tenant promptly beside thousands of another one that wait for a hanging receiver", async () => {
  const hanging = await receiverOf(() => {});
  const prompt = await receiverOf();
  const { sender, record, states } = await openBench({ acme: [hook(hanging)], small: [hook(prompt)] });
  for (let n = 0; n < 100; n++) await record("combination.failed", failed(n), "of-acme");
  sender.poke();
  await expect.poll(() => hanging.received.length).toBe(4);
  await record("batch.finished", { run: 1 }, "of-small");
  sender.poke();
  await expect.poll(() => prompt.received.length).toBe(1);
  expect(hanging.open).toBeLessThanOrEqual(4);
  expect((await states()).filter((state) => state === "waiting").length).toBe(100);
});

it("sends a thousand events", async () => {
  const receiver = await receiverOf();
  const { sender, record, states } = await openBench({ acme: [hook(receiver, NotifyEvent.DELIVERED)] });
  for (let n = 0; n < 1000; n++)
    await record("combination.delivered", { combinationId: `c${n}`, path: "a" }, "of-acme");
  sender.poke();
  await expect.poll(async () => new Set(await states()), { timeout: 30_000 }).toEqual(new Set(["sent"]));
  expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1000);
  expect(receiver.received).toHaveLength(1000);
});

it("returns what it was sending when it is closed", async () => {
  const receiver = await receiverOf(() => {});
  const { sender, record, all } = await openBench({ acme: [hook(receiver)] });
  await record("batch.finished", { run: 1 }, "of-acme");
  sender.poke();
  await expect.poll(() => receiver.received.length).toBe(1);
  await sender.close();
  expect(await all()).toMatchObject([{ state: "waiting", attempts: [], nextAt: new Date(BEGIN) }]);
});

it("costs no attempt while a receiver cannot be read, and stops where it is not configured any more", async () => {
  const receivers = { of: vi.fn().mockRejectedValueOnce(new Error("away")).mockResolvedValue(undefined) };
  const receiver = await receiverOf();
  const { sender, record, clock, all } = await openBench({ acme: [hook(receiver)] }, { receivers });
  await record("batch.finished", { run: 1 }, "of-acme");
  sender.poke();
  await expect.poll(() => receivers.of.mock.calls.length).toBe(1);
  await expect.poll(async () => (await all())[0]?.nextAt.getTime()).toBe(clock.ms + 15_000);
  expect(await all()).toMatchObject([{ state: "waiting", attempts: [] }]);
  clock.ms += 15_000;
  sender.poke();
  await expect.poll(all).toMatchObject([{ state: "stopped", reason: "The receiver is not configured any more." }]);
});
