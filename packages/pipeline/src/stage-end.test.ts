import { batchSubjects, STREAM } from "@polyreel/contract";
import { Releasers } from "@polyreel/platform";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { LiveBatches } from "./live-batches.js";
import { openStages, type Stages } from "./testing/open-stages.js";

const releasers = new Releasers();
let stream: Stages["stream"];
let publisher: Stages["publisher"];
let batches: Stages["batches"];
let log: Stages["log"];
let submit: Stages["submit"];
let request: Stages["request"];
let start: Stages["start"];
beforeAll(async () => {
  ({ stream, publisher, batches, log, submit, request, start } = await openStages(releasers));
});
afterAll(() => releasers.close());

describe("a stage whose batches end", () => {
  it("stops a cancelled batch's work, and removes its consumer", async () => {
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
    // Like a server that is killed, or has just restarted.
    const noAnswer = vi.spyOn(stream.manager.consumers, "delete").mockRejectedValueOnce(new Error("timeout"));
    await publisher.publishOnce("batch.cancelled", { batchId: "unheard" });
    await expect.poll(consumerIsThere).toBe(false);
    expect(noAnswer.mock.calls.filter(([, name]) => name === "unheard-unheard")).toHaveLength(2);
    noAnswer.mockRestore();
    await stage.close();
  });

  it("waits for a cancelled batch's work to stop when it is closed", async () => {
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
        await new Promise((resolve) => setTimeout(resolve, 200)); // Like a program that is ended, and its files removed.
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
    // A process that is started now reads only the deletion.
    const later = await LiveBatches.follow(stream, log);
    expect(later.sinceOf("purged")).toBeUndefined();
    // Like a server that has just started.
    const noAnswer = vi.spyOn(stream.manager.consumers, "delete").mockRejectedValueOnce(new Error("timeout"));
    const stage = start({ name: "left", handle: async () => {} }, { batches: later });
    await expect.poll(names).not.toContain("left-purged");
    noAnswer.mockRestore();
    await stage.close();
    await later.close();
  });
});
