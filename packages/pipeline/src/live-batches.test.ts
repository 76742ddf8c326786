import { Releasers } from "@polyreel/platform";
import { createLog } from "@polyreel/platform/runtime";
import { createPublisher, type EventStream, factsSoFar, lastFact, type Publisher } from "@polyreel/platform/stream";
import { createTelemetry, type Telemetry } from "@polyreel/platform/telemetry";
import { openPrivateStream } from "@polyreel/platform/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { LiveBatches } from "./live-batches.js";
import { startStage } from "./stage.js";

const releasers = new Releasers();
const log = createLog("test", "silent");
let stream: EventStream;
let publisher: Publisher;
let telemetry: Telemetry;

beforeAll(async () => {
  stream = await openPrivateStream(releasers);
  publisher = createPublisher(stream);
  telemetry = releasers.use(await createTelemetry("test", {}));
});
afterAll(() => releasers.close());

const publish = async (name: "resumed" | "finished" | "cancelled", batchId: string, run = 1) => {
  const id = `${run}`;
  const fact = { batchId, run };
  if (name === "cancelled") return (await publisher.publish("batch.cancelled", { batchId }, { id })).seq;
  return (await publisher.publish(`batch.${name}`, fact, { id })).seq;
};

it("makes an ended batch live again when it is resumed, for current and later readers", async () => {
  const seen = releasers.use(await LiveBatches.follow(stream, log));
  await publisher.publishOnce("batch.submitted", { batchId: "again" });
  await expect.poll(() => seen.ids).toEqual(["again"]);
  const first = seen.signalOf("again");
  await publish("finished", "again");
  await expect.poll(() => first.aborted).toBe(true);

  const since = await publish("resumed", "again", 2);
  await expect.poll(() => seen.ids).toEqual(["again"]);
  expect(seen.hasEnded("again")).toBe(false);
  expect(seen.signalOf("again").aborted).toBe(false);
  const later = await LiveBatches.follow(stream, log);
  expect([seen.sinceOf("again"), later.sinceOf("again")]).toEqual([since, since]);
  expect(later.ids).toEqual(["again"]);
  await later.close();

  await publish("finished", "again", 2);
  await expect.poll(() => seen.hasEnded("again")).toBe(true);
});

it("does not end a batch by the finish of an earlier run", async () => {
  const batches = releasers.use(await LiveBatches.follow(stream, log));
  await publisher.publishOnce("batch.submitted", { batchId: "raced" });
  await publish("resumed", "raced", 2);
  await publish("finished", "raced", 1);
  await publish("finished", "again", 3); // Received after it.
  await publisher.publishOnce("batch.submitted", { batchId: "behind" });
  await expect.poll(() => batches.ids).toContain("behind");
  expect(batches.ids).toContain("raced");
  expect(batches.sinceOf("raced")).toBe(0);
});

it("ends a batch that is deleted while it is resumed", async () => {
  const batches = releasers.use(await LiveBatches.follow(stream, log));
  await publisher.publishOnce("batch.submitted", { batchId: "deleted" });
  await publish("finished", "deleted");
  await publish("resumed", "deleted", 2);
  await expect.poll(() => batches.sinceOf("deleted")).toBeGreaterThan(0);
  const { aborted } = batches.signalOf("deleted");
  expect(aborted).toBe(false);
  await publisher.publish("batch.deleted", { batchId: "deleted" }, { id: "1" });
  await expect.poll(() => batches.ids).not.toContain("deleted");
  expect(batches.signalOf("deleted").aborted).toBe(true);
  expect(batches.hasEnded("deleted")).toBe(false);
});

it("keeps a cancelled batch cancelled when it is resumed", async () => {
  const batches = releasers.use(await LiveBatches.follow(stream, log));
  await publisher.publishOnce("batch.submitted", { batchId: "stopped" });
  await publish("cancelled", "stopped");
  await publish("resumed", "stopped", 2);
  await publisher.publishOnce("batch.submitted", { batchId: "after" });
  await expect.poll(() => batches.ids).toContain("after");
  expect(batches.ids).not.toContain("stopped");
});

it("ignores the cancellation of an ended batch, which may be resumed", async () => {
  const batches = releasers.use(await LiveBatches.follow(stream, log));
  await publisher.publishOnce("batch.submitted", { batchId: "late" });
  await publish("finished", "late");
  await publish("cancelled", "late");
  await publish("resumed", "late", 2);
  await expect.poll(() => batches.ids).toContain("late");
  await publish("cancelled", "late", 2);
  await expect.poll(() => batches.ids).not.toContain("late");
  const later = releasers.use(await LiveBatches.follow(stream, log));
  expect([later.ids.includes("late"), later.hasEnded("late")]).toEqual([false, true]);
});

it("delivers facts since a batch was resumed to a stage once, even if it starts later", async () => {
  const batches = releasers.use(await LiveBatches.follow(stream, log));
  const done: string[] = [];
  const start = () =>
    startStage<"clip.requested">(
      {
        name: "runs",
        fact: "clip.requested",
        over: "live-batches",
        slots: 1,
        handle: async ({ fact: { batchId, hash } }) => void (batchId === "lives" && done.push(hash)),
        giveUp: async () => {},
      },
      { stream, publisher, batches, telemetry, log },
    );
  const request = (hash: string) => publisher.publish("clip.requested", { batchId: "lives", hash }, { id: hash });
  const consumers = async () => {
    const names: string[] = [];
    for await (const { name } of stream.manager.consumers.list("POLYREEL")) {
      if (name.startsWith("runs-lives")) names.push(name);
    }
    return names;
  };
  let stage = start();
  await publisher.publishOnce("batch.submitted", { batchId: "lives" });
  await request("a");
  await expect.poll(() => done).toEqual(["a"]);
  await publish("finished", "lives");
  await expect.poll(consumers).toEqual([]);

  const second = await publish("resumed", "lives", 2);
  await request("b");
  await expect.poll(() => done).toEqual(["a", "b"]);
  expect(await consumers()).toEqual([`runs-lives-${second}`]);
  await stage.close();
  await publish("finished", "lives", 2);
  const third = await publish("resumed", "lives", 3);
  await request("c");
  await expect.poll(() => batches.sinceOf("lives")).toBe(third);
  stage = start();
  await expect.poll(() => done).toEqual(["a", "b", "c"]);
  await expect.poll(consumers).toEqual([`runs-lives-${third}`]); // That of the previous life is gone.
  await stage.close();
});

it("catches up although the newest message can't be read", async () => {
  await publisher.publishOnce("batch.submitted", { batchId: "readable" });
  await stream.client.publish("polyreel.batch.submitted.unreadable", new Uint8Array([0xff]));
  const batches = releasers.use(await LiveBatches.follow(stream, log));
  expect(batches.ids).toContain("readable");
  expect(batches.ids).not.toContain("unreadable");
});

it("reads a batch's facts to their end although the last one can't be read", async () => {
  const { seq } = await publisher.publish("clip.ready", { batchId: "half", hash: "a" }, { id: "a" });
  await stream.client.publish("polyreel.clip.ready.half", new Uint8Array([0xff]));
  const read: number[] = [];
  const { signal } = new AbortController();
  for await (const { sequence } of factsSoFar(stream, "clip.ready", "half", { signal })) read.push(sequence);
  expect(read).toEqual([seq]);
  expect((await lastFact(stream, "clip.ready", "half"))?.sequence).toBe(seq);
});
