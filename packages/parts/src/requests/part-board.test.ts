import { LiveBatches } from "@polyreel/pipeline";
import { Releasers } from "@polyreel/platform";
import { createLog } from "@polyreel/platform/runtime";
import { createPublisher, type Publisher } from "@polyreel/platform/stream";
import { openPrivateStream } from "@polyreel/platform/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PartStore } from "../part-store.js";
import { PartBoard } from "./part-board.js";

const log = createLog("test", "silent");
const releasers = new Releasers();
const { signal } = new AbortController();
const present = new Set<string>();
const parts = { has: async (_kind, hash) => present.has(hash) } as Pick<PartStore, "has"> as PartStore;
let board: PartBoard;
let publisher: Publisher;

beforeAll(async () => {
  const stream = await openPrivateStream(releasers);
  publisher = createPublisher(stream);
  const batches = releasers.use(await LiveBatches.follow(stream, log));
  board = releasers.use(new PartBoard(stream, batches, log));
});
afterAll(() => releasers.close());

const clip = (batchId: string, hash: string, attempt = 1) => ({ batchId, kind: "clip", hash, attempt }) as const;
const fail = (batchId: string, hash: string) =>
  publisher.publish("clip.failed", { batchId, hash, failure: { reason: "not media" } }, { id: hash });

describe("a combination that waits for a part", () => {
  it("continues as soon as the part is announced", async () => {
    const began = performance.now();
    const waiting = board.wait(parts, clip("b1", "made"), signal);
    present.add("made");
    await publisher.publish("clip.ready", { batchId: "b1", hash: "made" }, { id: "made" });
    await waiting;
    expect(performance.now() - began).toBeLessThan(1500); // The store is asked every two seconds.
  });

  it("continues if the announcement was lost", async () => {
    const waiting = board.wait(parts, clip("b1", "quiet"), signal);
    present.add("quiet");
    await waiting;
  });

  it("fails with the part, even if the batch is not known yet", async () => {
    await fail("b2", "bad");
    await expect(board.wait(parts, clip("b2", "bad"), signal)).rejects.toThrow("not media");
  });

  it("does not fail with a part of another batch", async () => {
    const stop = new AbortController();
    await fail("b3", "other");
    await expect(board.wait(parts, clip("b3", "other"), signal)).rejects.toThrow("not media");
    const waiting = board.wait(parts, clip("b4", "other"), stop.signal);
    stop.abort(new Error("cancelled"));
    await expect(waiting).rejects.toThrow("cancelled");
  });
});
