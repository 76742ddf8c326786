import { timestampMs } from "@bufbuild/protobuf/wkt";
import { AckPolicy } from "@nats-io/jetstream";
import {
  batchSubjects,
  Priority,
  type Progress,
  ProgressSchema,
  progressSubject,
  STREAM,
  Stage,
} from "@polyreel/contract";
import { PolyreelError, Releasers } from "@polyreel/platform";
import { createLog } from "@polyreel/platform/runtime";
import type { FactMessage } from "@polyreel/platform/stream";
import {
  connectNats,
  createPublisher,
  type EventStream,
  listen,
  openStream,
  type Publisher,
  startNatsServer,
} from "@polyreel/platform/stream";
import { createTelemetry, type Telemetry } from "@polyreel/platform/telemetry";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { AttemptsLog } from "./delivery-attempts.js";
import { LiveBatches } from "./live-batches.js";
import { type StageOptions, startStage } from "./stage.js";

const releasers = new Releasers();
const log = createLog("test", "silent");
let stream: EventStream;
let publisher: Publisher;
let batches: LiveBatches;
let telemetry: Telemetry;

beforeAll(async () => {
  const server = releasers.use(await startNatsServer());
  const connection = await connectNats({ url: server.url, name: "test", log });
  releasers.add(() => connection.drain());
  stream = await openStream(connection, { maxBytes: 64 * 1024 ** 2 });
  telemetry = releasers.use(await createTelemetry("test", {}));
  batches = releasers.use(await LiveBatches.follow(stream, log));
  publisher = createPublisher(stream, batches);
});
afterAll(() => releasers.close());

type Requested = "clip.requested";
const submit = (batchId: string, priority = Priority.UNSPECIFIED) =>
  publisher.publishOnce("batch.submitted", { batchId, priority });
const request = (batchId: string, hash: string) => publisher.publish("clip.requested", { batchId, hash }, { id: hash });
type Options = Partial<StageOptions<Requested>> & Pick<StageOptions<Requested>, "name" | "handle">;
const start = (options: Options, live = batches) =>
  startStage<Requested>(
    { fact: "clip.requested", over: "live-batches", slots: 1, giveUp: async () => {}, ...options },
    { stream, publisher, batches: live, telemetry, log },
  );

describe("startStage", () => {
  it("lets batches take turns, and tries again what can pass", async () => {
    await submit("big");
    for (let i = 0; i < 6; i++) await request("big", `big${i}`);
    await submit("small");
    await request("small", "small0");
    const done: string[] = [];
    let failed = false;
    const stage = start({
      name: "turns",
      held: 10,
      handle: async ({ fact }) => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        if (fact.hash === "big1" && !failed) {
          failed = true;
          throw new PolyreelError("unavailable", "away for a moment");
        }
        done.push(fact.hash);
      },
    });
    await expect.poll(() => done.length, { timeout: 10_000 }).toBe(7);
    await expect.poll(() => stage.idle()).toBe(true);
    await stage.close();
    expect(done.indexOf("small0")).toBeLessThan(4);
    expect(new Set(done).size).toBe(7);
    expect(failed).toBe(true);
  });

  it("gives a batch of high priority more turns, and one of low priority some", async () => {
    await submit("hurry", Priority.HIGH);
    await submit("later", Priority.LOW);
    for (let i = 0; i < 40; i++) {
      await request("hurry", `hurry${i}`);
      await request("later", `later${i}`);
    }
    const done: string[] = [];
    const handle: StageOptions<Requested>["handle"] = async ({ fact }) => {
      if (fact.batchId !== "hurry" && fact.batchId !== "later") return;
      await new Promise((resolve) => setTimeout(resolve, 5));
      done.push(fact.batchId);
    };
    const stage = start({ name: "priority", held: 100, handle });
    await expect.poll(() => done.length).toBe(80);
    await stage.close();
    const first = done.slice(0, 40).filter((batchId) => batchId === "later");
    expect(first.length).toBeGreaterThan(0);
    expect(first.length).toBeLessThan(12);
  });

  it("tells those who watch when it tries again, and at last how often it was tried", async () => {
    await submit("shaky");
    await request("shaky", "s");
    const heard: Progress[] = [];
    const hearNothing = listen(stream.connection, progressSubject("shaky"), ProgressSchema, (one) => heard.push(one));
    const told: string[] = [];
    const begun: number[] = [];
    const stage = start({
      name: "shaky",
      about: ({ hash }) => ({ stage: Stage.CLIP, id: hash }),
      handle: async ({ batchId }) => {
        if (batchId !== "shaky") return;
        begun.push(Date.now());
        throw new PolyreelError("internal", "It is away.");
      },
      giveUp: async (_, { failure }) => void told.push(failure.reason),
    });
    await expect.poll(() => told, { timeout: 20_000 }).toEqual(["It is away; tried 5 times."]);
    await expect.poll(() => stage.idle()).toBe(true); // its message is gone
    await stage.close();
    hearNothing();
    expect(heard.map(({ stage, id, tryingAgain: again }) => [stage, id, again?.tried, again?.tries])).toEqual(
      [1, 2, 3, 4].map((tried) => [Stage.CLIP, "s", tried, 5]),
    );
    expect(heard.every(({ tryingAgain: again }) => again?.reason === "It is away.")).toBe(true);
    // Each try comes when it was said to, after a delay that grows; the spread is of at most half of it.
    const nextAt = heard.map(({ tryingAgain: again }) => (again?.nextAt ? timestampMs(again.nextAt) : 0));
    for (const [i, at] of nextAt.entries()) {
      expect(begun[i + 1]).toBeGreaterThanOrEqual(at);
      expect(at - (begun[i] ?? 0)).toBeGreaterThanOrEqual(250 * 2 ** i);
    }
  });

  it("waits for an outage as long as configured, holds no slot meanwhile, and then fails what waited", async () => {
    await submit("waits");
    for (const hash of ["away", "back", "other"]) await request("waits", hash);
    const heard: Progress[] = [];
    const hearNothing = listen(stream.connection, progressSubject("waits"), ProgressSchema, (one) => heard.push(one));
    const tries = new Map<string, number>();
    const done: string[] = [];
    const failed: string[] = [];
    const brief = { stream: { ...stream, outageWaitMs: 6_000 }, publisher, batches, telemetry, log };
    const stage = startStage<Requested>(
      {
        name: "waits",
        fact: "clip.requested",
        over: "live-batches",
        slots: 1,
        about: ({ hash }) => ({ stage: Stage.CLIP, id: hash }),
        handle: async ({ batchId, fact: { hash } }) => {
          if (batchId !== "waits") return;
          tries.set(hash, (tries.get(hash) ?? 0) + 1);
          const isAway = hash === "away" || (hash === "back" && tries.get(hash) === 1);
          if (isAway) throw new PolyreelError("unavailable", "It is away.");
          done.push(hash);
        },
        giveUp: async (_, { failure }) => void failed.push(failure.reason),
      },
      brief,
    );
    await expect.poll(() => [...done].sort(), { timeout: 5_000 }).toEqual(["back", "other"]);
    expect(failed).toEqual([]);
    await expect.poll(() => failed, { timeout: 20_000 }).toHaveLength(1);
    expect(failed[0]).toMatch(/^It is away; tried \d+ times in \d+ s\.$/);
    hearNothing();
    await stage.close();
    const waits = heard.flatMap(({ id, tryingAgain }) => (id === "away" && tryingAgain ? [tryingAgain] : []));
    const [first] = waits;
    expect(waits.every(({ tries, until }) => tries === 0 && until?.seconds === first?.until?.seconds)).toBe(true);
    const until = first?.until ? timestampMs(first.until) : 0;
    for (const { nextAt } of waits) expect(nextAt && timestampMs(nextAt)).toBeLessThanOrEqual(until);
  });

  it("works a task until it is done, whatever keeps it", async () => {
    await submit("task");
    await request("task", "t");
    let tries = 0;
    const stage = startStage<Requested>(
      {
        name: "task",
        fact: "clip.requested",
        over: "live-batches",
        slots: 1,
        untilDone: true,
        handle: async ({ batchId }) => {
          if (batchId === "task" && ++tries < 4) throw new PolyreelError("invalid", "A folder lies there.");
        },
        giveUp: () => expect.fail("given up"),
      },
      { stream: { ...stream, outageWaitMs: 1 }, publisher, batches, telemetry, log },
    );
    await expect.poll(() => tries, { timeout: 15_000 }).toBe(4);
    await expect.poll(() => stage.idle()).toBe(true);
    await stage.close();
  });

  it("takes nothing that a stopped process publishes of a batch that was deleted meanwhile", async () => {
    const first = await submit("reborn");
    await publisher.publish("batch.deleted", { batchId: "reborn" }, { id: "1" });
    const stale = { generation: first?.seq ?? 0, attempt: 1 };
    await publisher.publish("clip.requested", { batchId: "reborn", hash: "before" }, { id: "before", ...stale });
    await stream.manager.streams.purge(STREAM, { filter: "polyreel.batch.submitted.reborn" });
    const { seq } =
      (await publisher.publishAfter("batch.submitted", { batchId: "reborn" }, { last: 0, id: "2" })) ?? {};
    await expect.poll(() => batches.generationOf("reborn")).toBe(seq);
    await publisher.publish("clip.requested", { batchId: "reborn", hash: "x" }, { id: "x", ...stale });
    await request("reborn", "x"); // the same message id but for the generation
    await publisher.publish("batch.cancelled", { batchId: "reborn" }, { id: "1", ...stale });
    const done: FactMessage<Requested>[] = [];
    const stage = start({ name: "reborn", handle: async (told) => void done.push(told) });
    const ofIt = () =>
      done.filter(({ batchId }) => batchId === "reborn").map(({ fact, generation }) => [fact.hash, generation]);
    await expect.poll(ofIt).toEqual([["x", seq]]);
    await expect.poll(() => stage.idle()).toBe(true);
    expect(ofIt()).toHaveLength(1);
    expect(batches.signalOf("reborn").aborted).toBe(false);
    await stage.close();
  });

  it("tells a failure that can't pass once, and drops the message", async () => {
    await submit("bad");
    await request("bad", "x");
    const told: string[] = [];
    const stage = start({
      name: "bad",
      handle: async ({ batchId }) => {
        if (batchId === "bad") throw new PolyreelError("invalid", "not media");
      },
      giveUp: async ({ fact }, error) => void told.push(`${fact.hash}: ${error.failure.reason}`),
    });
    await expect.poll(() => told).toEqual(["x: not media"]);
    await expect.poll(() => stage.idle()).toBe(true);
    await stage.close();
  });

  it("hands over what it holds when it ends, and keeps waiting outside the slot", async () => {
    await submit("wait");
    await request("wait", "first");
    await request("wait", "second");
    let waiting = 0;
    const never = start({
      name: "over",
      held: 4,
      handle: ({ batchId }, { outsideSlot, signal }) =>
        outsideSlot(async () => {
          if (batchId !== "wait") return;
          waiting++;
          await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
        }),
    });
    await expect.poll(() => waiting).toBe(2); // one slot, two at work: waiting takes none
    await never.close();
    const done: string[] = [];
    const next = start({ name: "over", handle: async ({ fact }) => void done.push(fact.hash) });
    await expect
      .poll(() => new Set(done.filter((hash) => ["first", "second"].includes(hash))).size, { timeout: 40_000 })
      .toBe(2);
    await next.close();
  });

  it("counts what failed, not how often it was handed out", async () => {
    await submit("given");
    await request("given", "x");
    const durable = "given-given";
    const consumer = { durable_name: durable, filter_subject: "polyreel.clip.requested.given" };
    await stream.manager.consumers.add("POLYREEL", { ...consumer, ack_policy: AckPolicy.Explicit });
    const others = await stream.client.consumers.get("POLYREEL", durable);
    for (let i = 0; i < 6; i++) (await others.next({ expires: 2_000 }))?.nak(); // processes that end give back what they hold
    let tried = 0;
    const told: string[] = [];
    const stage = start({
      name: "given",
      handle: async ({ batchId }) => {
        if (batchId === "given" && ++tried < 3) throw new PolyreelError("unavailable", "away for a moment");
      },
      giveUp: async (_told, error) => void told.push(error.failure.reason),
    });
    await expect.poll(() => tried, { timeout: 10_000 }).toBe(3);
    await expect.poll(() => stage.idle()).toBe(true);
    await stage.close();
    expect(told).toEqual([]);
  });

  it("gives up what is begun again and again and never heard of", async () => {
    await submit("deadly");
    const { seq } = await request("deadly", "x");
    const durable = "deadly-deadly";
    const consumer = { durable_name: durable, filter_subject: "polyreel.clip.requested.deadly" };
    await stream.manager.consumers.add("POLYREEL", { ...consumer, ack_policy: AckPolicy.Explicit });
    const others = await stream.client.consumers.get("POLYREEL", durable);
    (await others.next({ expires: 2_000 }))?.nak();
    await new AttemptsLog(stream).keep(`${durable}.${seq}`, { failed: 0, failingSince: 0, lost: 20 });
    const told: string[] = [];
    const begun: string[] = [];
    const stage = start({
      name: "deadly",
      handle: async ({ batchId }) => void begun.push(batchId),
      giveUp: async (_told, error) => void told.push(error.failure.reason),
    });
    await expect.poll(() => told).toEqual(["It was begun 20 times, and each time the service died."]);
    await stage.close();
    expect(begun).not.toContain("deadly");
  });

  it("does not count as lost what waited when its process died", async () => {
    await submit("patient");
    const { seq } = await request("patient", "x");
    const key = `patient-patient.${seq}`;
    const consumer = { durable_name: "patient-patient", filter_subject: "polyreel.clip.requested.patient" };
    await stream.manager.consumers.add("POLYREEL", { ...consumer, ack_policy: AckPolicy.Explicit });
    const others = await stream.client.consumers.get("POLYREEL", "patient-patient");
    (await others.next({ expires: 2_000 }))?.nak();
    const log = new AttemptsLog(stream);
    const lost = async () => (await log.of(key)).lost;
    const seen: number[] = [];
    let parts: (() => void) | undefined;
    const stage = start({
      name: "patient",
      handle: async ({ batchId }, { outsideSlot }) => {
        if (batchId !== "patient") return;
        seen.push(await lost()); // as a process that died here would leave it
        await outsideSlot(async () => {
          seen.push(await lost());
          await new Promise<void>((resolve) => {
            parts = resolve;
          });
        });
        seen.push(await lost());
      },
    });
    await expect.poll(() => parts, { timeout: 10_000 }).toBeDefined();
    parts?.();
    await expect.poll(() => stage.idle()).toBe(true);
    await expect.poll(lost).toBe(0);
    await stage.close();
    expect(seen).toEqual([1, 0, 1]);
  });

  it("stops a batch that is cancelled, and removes its consumer", async () => {
    await submit("gone");
    await request("gone", "g");
    let reason: unknown;
    const stage = start({
      name: "gone",
      handle: ({ batchId }, { signal }) =>
        new Promise((resolve, reject) => {
          if (batchId !== "gone") return resolve();
          signal.addEventListener("abort", () => {
            reason = signal.reason;
            reject(signal.reason);
          });
          void publisher.publishOnce("batch.cancelled", { batchId });
        }),
    });
    await expect.poll(() => reason).toBeInstanceOf(DOMException);
    await expect
      .poll(async () => (await stream.manager.consumers.list("POLYREEL").next()).map((info) => info.name))
      .not.toContain("gone-gone");
    await stage.close();
  });

  it("removes the consumer of a batch that ended while the server did not answer", async () => {
    await submit("unheard");
    const consumerIsThere = () =>
      stream.manager.consumers.info("POLYREEL", "unheard-unheard").then(
        () => true,
        () => false,
      );
    const stage = start({ name: "unheard", handle: async () => {} });
    await expect.poll(consumerIsThere).toBe(true);
    // As of a server that is killed, or has just been started again.
    const noAnswer = vi.spyOn(stream.manager.consumers, "delete").mockRejectedValueOnce(new Error("timeout"));
    await publisher.publishOnce("batch.cancelled", { batchId: "unheard" });
    await expect.poll(consumerIsThere).toBe(false);
    expect(noAnswer.mock.calls.filter(([, name]) => name === "unheard-unheard")).toHaveLength(2);
    noAnswer.mockRestore();
    await stage.close();
  });

  it("has stopped a cancelled batch's work when it is closed", async () => {
    await submit("slow");
    await request("slow", "s");
    let begun = false;
    let cleared = false;
    const stage = start({
      name: "slow",
      handle: async ({ batchId }, { signal }) => {
        if (batchId !== "slow") return;
        begun = true;
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        await new Promise((resolve) => setTimeout(resolve, 200)); // as a program that is ended, and its files removed
        cleared = true;
      },
    });
    await expect.poll(() => begun).toBe(true);
    await publisher.publishOnce("batch.cancelled", { batchId: "slow" });
    await expect.poll(() => batches.hasEnded("slow")).toBe(true);
    await stage.close();
    expect(cleared).toBe(true);
  });

  it("removes the consumer of a batch that ended while no process of the stage ran", async () => {
    await submit("missed");
    const names = async () => (await stream.manager.consumers.list("POLYREEL").next()).map((info) => info.name);
    const first = start({ name: "away", handle: async () => {} });
    await expect.poll(names).toContain("away-missed");
    await first.close();
    await publisher.publishOnce("batch.cancelled", { batchId: "missed" });
    await expect.poll(() => batches.hasEnded("missed")).toBe(true);
    expect(await names()).toContain("away-missed");
    const next = start({ name: "away", handle: async () => {} });
    await expect.poll(names).not.toContain("away-missed");
    await next.close();
  });

  it("removes the consumer of a batch that was deleted while no process of the stage ran", async () => {
    await submit("purged");
    const names = async () => (await stream.manager.consumers.list("POLYREEL").next()).map((info) => info.name);
    const first = start({ name: "left", handle: async () => {} });
    await expect.poll(names).toContain("left-purged");
    await first.close();
    const { seq } = await publisher.publish("batch.deleted", { batchId: "purged" }, { id: "1" });
    await stream.manager.streams.purge(STREAM, { filter: batchSubjects("purged"), seq });
    // A process that is started now learns of the deletion alone.
    const later = await LiveBatches.follow(stream, log);
    expect(later.sinceOf("purged")).toBeUndefined();
    // As of a server that has just been started.
    const noAnswer = vi.spyOn(stream.manager.consumers, "delete").mockRejectedValueOnce(new Error("timeout"));
    const stage = start({ name: "left", handle: async () => {} }, later);
    await expect.poll(names).not.toContain("left-purged");
    noAnswer.mockRestore();
    await stage.close();
    await later.close();
  });
});
