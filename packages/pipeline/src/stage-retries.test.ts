import { timestampMs } from "@bufbuild/protobuf/wkt";
import { AckPolicy } from "@nats-io/jetstream";
import { type Progress, ProgressSchema, progressSubject, Stage } from "@polyreel/contract";
import { PolyreelError, Releasers } from "@polyreel/platform";
import { listen } from "@polyreel/platform/stream";
import { afterAll, beforeAll, describe, it } from "vitest";
import { AttemptsLog } from "./delivery-attempts.js";
import { openStages, type Stages } from "./testing/open-stages.js";

const releasers = new Releasers();
let stream: Stages["stream"];
let submit: Stages["submit"];
let request: Stages["request"];
let start: Stages["start"];
beforeAll(async () => {
  ({ stream, submit, request, start } = await openStages(releasers));
});
afterAll(() => releasers.close());

// Concurrent, because they wait for growing delays: each has a batch and a stage of its own.
describe.concurrent("a stage whose work fails", () => {
  it("publishes its retries to watching clients, and the number of attempts in the failure", async ({ expect }) => {
    await submit("shaky");
    await request("shaky", "s");
    const progress: Progress[] = [];
    const stopListening = listen(stream.connection, progressSubject("shaky"), ProgressSchema, (one) =>
      progress.push(one),
    );
    const reasons: string[] = [];
    const begun: number[] = [];
    const stage = start({
      name: "shaky",
      about: ({ hash }) => ({ stage: Stage.CLIP, id: hash }),
      handle: async ({ batchId }) => {
        if (batchId !== "shaky") return;
        begun.push(Date.now());
        throw new PolyreelError("internal", "It is away.");
      },
      giveUp: async (_, { failure }) => void reasons.push(failure.reason),
    });
    await expect.poll(() => reasons, { timeout: 20_000 }).toEqual(["It is away; tried 5 times."]);
    await expect.poll(() => stage.idle()).toBe(true); // Its message is gone.
    await stage.close();
    stopListening();
    expect(progress.map(({ stage, id, tryingAgain: again }) => [stage, id, again?.tried, again?.tries])).toEqual(
      [1, 2, 3, 4].map((tried) => [Stage.CLIP, "s", tried, 5]),
    );
    expect(progress.every(({ tryingAgain: again }) => again?.reason === "It is away.")).toBe(true);
    // Each attempt is not before its announced time, after a growing delay, half of which is spread.
    const nextAt = progress.map(({ tryingAgain: again }) => (again?.nextAt ? timestampMs(again.nextAt) : 0));
    for (const [i, at] of nextAt.entries()) {
      expect(begun[i + 1]).toBeGreaterThanOrEqual(at);
      expect(at - (begun[i] ?? 0)).toBeGreaterThanOrEqual(250 * 2 ** i);
    }
  });

  it("retries during an outage as long as configured, without holding a slot, and then fails", async ({ expect }) => {
    await submit("waits");
    for (const hash of ["away", "back", "other"]) await request("waits", hash);
    const progress: Progress[] = [];
    const stopListening = listen(stream.connection, progressSubject("waits"), ProgressSchema, (one) =>
      progress.push(one),
    );
    const tries = new Map<string, number>();
    const done: string[] = [];
    const failed: string[] = [];
    const stage = start(
      {
        name: "waits",
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
      { stream: { ...stream, outageWaitMs: 6_000 } },
    );
    await expect.poll(() => [...done].sort(), { timeout: 5_000 }).toEqual(["back", "other"]);
    expect(failed).toEqual([]);
    await expect.poll(() => failed, { timeout: 20_000 }).toHaveLength(1);
    expect(failed[0]).toMatch(/^It is away; tried \d+ times in \d+ s\.$/);
    stopListening();
    await stage.close();
    const waits = progress.flatMap(({ id, tryingAgain }) => (id === "away" && tryingAgain ? [tryingAgain] : []));
    const [first] = waits;
    expect(waits.every(({ tries, until }) => tries === 0 && until?.seconds === first?.until?.seconds)).toBe(true);
    const until = first?.until ? timestampMs(first.until) : 0;
    for (const { nextAt } of waits) expect(nextAt && timestampMs(nextAt)).toBeLessThanOrEqual(until);
  });

  it("retries an untilDone task after any error", async ({ expect }) => {
    await submit("task");
    await request("task", "t");
    let tries = 0;
    const stage = start(
      {
        name: "task",
        untilDone: true,
        handle: async ({ batchId }) => {
          if (batchId === "task" && ++tries < 4) throw new PolyreelError("invalid", "A folder lies there.");
        },
        giveUp: () => expect.fail("given up"),
      },
      { stream: { ...stream, outageWaitMs: 1 } },
    );
    await expect.poll(() => tries, { timeout: 15_000 }).toBe(4);
    await expect.poll(() => stage.idle()).toBe(true);
    await stage.close();
  });

  it("gives up on a permanent failure once, and drops the message", async ({ expect }) => {
    await submit("bad");
    await request("bad", "x");
    const reasons: string[] = [];
    const stage = start({
      name: "bad",
      handle: async ({ batchId }) => {
        if (batchId === "bad") throw new PolyreelError("invalid", "not media");
      },
      giveUp: async ({ fact }, error) => void reasons.push(`${fact.hash}: ${error.failure.reason}`),
    });
    await expect.poll(() => reasons).toEqual(["x: not media"]);
    await expect.poll(() => stage.idle()).toBe(true);
    await stage.close();
  });

  it("counts failures, not deliveries", async ({ expect }) => {
    await submit("given");
    await request("given", "x");
    const durable = "given-given";
    const consumer = { durable_name: durable, filter_subject: "polyreel.clip.requested.given" };
    await stream.manager.consumers.add("POLYREEL", { ...consumer, ack_policy: AckPolicy.Explicit });
    const others = await stream.client.consumers.get("POLYREEL", durable);
    // Stopping processes return their messages.
    for (let i = 0; i < 6; i++) (await others.next({ expires: 2_000 }))?.nak();
    let attempts = 0;
    const reasons: string[] = [];
    const stage = start({
      name: "given",
      handle: async ({ batchId }) => {
        if (batchId === "given" && ++attempts < 3) throw new PolyreelError("unavailable", "away for a moment");
      },
      giveUp: async (_message, error) => void reasons.push(error.failure.reason),
    });
    await expect.poll(() => attempts, { timeout: 10_000 }).toBe(3);
    await expect.poll(() => stage.idle()).toBe(true);
    await stage.close();
    expect(reasons).toEqual([]);
  });

  it("gives up a message whose process keeps dying", async ({ expect }) => {
    await submit("deadly");
    const { seq } = await request("deadly", "x");
    const durable = "deadly-deadly";
    const consumer = { durable_name: durable, filter_subject: "polyreel.clip.requested.deadly" };
    await stream.manager.consumers.add("POLYREEL", { ...consumer, ack_policy: AckPolicy.Explicit });
    const others = await stream.client.consumers.get("POLYREEL", durable);
    (await others.next({ expires: 2_000 }))?.nak();
    await new AttemptsLog(stream, "deadly").keep(`${durable}.${seq}`, { failed: 0, failingSince: 0, lost: 20 });
    const reasons: string[] = [];
    const begun: string[] = [];
    const stage = start({
      name: "deadly",
      handle: async ({ batchId }) => void begun.push(batchId),
      giveUp: async (_message, error) => void reasons.push(error.failure.reason),
    });
    await expect.poll(() => reasons).toEqual(["The service died in each of 20 attempts."]);
    await stage.close();
    expect(begun).not.toContain("deadly");
  });

  it("does not count a message as lost that waited when its process died", async ({ expect }) => {
    await submit("patient");
    const { seq } = await request("patient", "x");
    const key = `patient-patient.${seq}`;
    const consumer = { durable_name: "patient-patient", filter_subject: "polyreel.clip.requested.patient" };
    await stream.manager.consumers.add("POLYREEL", { ...consumer, ack_policy: AckPolicy.Explicit });
    const others = await stream.client.consumers.get("POLYREEL", "patient-patient");
    (await others.next({ expires: 2_000 }))?.nak();
    const log = new AttemptsLog(stream, "patient");
    const lost = async () => (await log.of(key)).lost;
    const seen: number[] = [];
    let parts: (() => void) | undefined;
    const stage = start({
      name: "patient",
      handle: async ({ batchId }, { outsideSlot }) => {
        if (batchId !== "patient") return;
        seen.push(await lost()); // What a process that dies here would leave.
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
});
