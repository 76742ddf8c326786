import { Priority, STREAM } from "@polyreel/contract";
import { PolyreelError, Releasers } from "@polyreel/platform";
import type { FactMessage } from "@polyreel/platform/stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StageOptions } from "./stage.js";
import { openStages, type Requested, type Stages } from "./testing/open-stages.js";

const releasers = new Releasers();
let stream: Stages["stream"];
let publisher: Stages["publisher"];
let batches: Stages["batches"];
let submit: Stages["submit"];
let request: Stages["request"];
let start: Stages["start"];
beforeAll(async () => {
  ({ stream, publisher, batches, submit, request, start } = await openStages(releasers));
});
afterAll(() => releasers.close());

describe("startStage", () => {
  it("alternates between batches, and retries a retryable failure", async () => {
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

  it("describes its consumer, which delivers what is no fact once", async () => {
    await submit("foreign");
    const subject = "polyreel.clip.requested.foreign";
    for (const text of ["", "no fact", "\n\u0001x"]) await stream.client.publish(subject, text);
    await request("foreign", "own");
    const done: string[] = [];
    const stage = start({ name: "wary", handle: async ({ fact }) => void done.push(fact.hash) });
    await expect.poll(() => stage.idle(), { timeout: 10_000 }).toBe(true);
    const { config, num_redelivered } = await stream.manager.consumers.info(STREAM, "wary-foreign");
    await stage.close();
    expect([done.filter((hash) => hash === "own"), num_redelivered]).toEqual([["own"], 0]);
    expect(config.description).toBe("Work of wary on batch foreign");
    if (config.metadata)
      expect(config.metadata).toMatchObject({ "polyreel.stage": "wary", "polyreel.batch": "foreign" });
  });

  it("gives a high-priority batch more turns, without starving a low-priority one", async () => {
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

  it("ignores facts that a paused process publishes for a batch deleted meanwhile", async () => {
    const first = await submit("reborn");
    await publisher.publish("batch.deleted", { batchId: "reborn" }, { id: "1" });
    const stale = { generation: first?.seq ?? 0, attempt: 1 };
    await publisher.publish("clip.requested", { batchId: "reborn", hash: "before" }, { id: "before", ...stale });
    await stream.manager.streams.purge(STREAM, { filter: "polyreel.batch.submitted.reborn" });
    const { seq } =
      (await publisher.publishAfter("batch.submitted", { batchId: "reborn" }, { last: 0, id: "2" })) ?? {};
    await expect.poll(() => batches.generationOf("reborn")).toBe(seq);
    await publisher.publish("clip.requested", { batchId: "reborn", hash: "x" }, { id: "x", ...stale });
    await request("reborn", "x"); // The same message id except for the generation.
    await publisher.publish("batch.cancelled", { batchId: "reborn" }, { id: "1", ...stale });
    const done: FactMessage<Requested>[] = [];
    const stage = start({ name: "reborn", handle: async (message) => void done.push(message) });
    const reborn = () =>
      done.filter(({ batchId }) => batchId === "reborn").map(({ fact, generation }) => [fact.hash, generation]);
    await expect.poll(reborn).toEqual([["x", seq]]);
    await expect.poll(() => stage.idle()).toBe(true);
    expect(reborn()).toHaveLength(1);
    expect(batches.signalOf("reborn").aborted).toBe(false);
    await stage.close();
  });

  it("hands over its messages when it closes, and waits outside the slot", async () => {
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
    await expect.poll(() => waiting).toBe(2); // One slot, two handlers: waiting takes no slot.
    await never.close();
    const done: string[] = [];
    const next = start({ name: "over", handle: async ({ fact }) => void done.push(fact.hash) });
    await expect
      .poll(() => new Set(done.filter((hash) => ["first", "second"].includes(hash))).size, { timeout: 40_000 })
      .toBe(2);
    await next.close();
  });
});
