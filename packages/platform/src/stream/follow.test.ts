import { setTimeout as sleep } from "node:timers/promises";
import { batchSubjects, STREAM } from "@polyreel/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Releasers } from "../lifecycle.js";
import { followMessages } from "./follow.js";
import type { EventStream } from "./stream.js";
import { openPrivateStream } from "./testing/private-stream.js";

const MESSAGES = 300;
const ROUNDS = 6;

const releasers = new Releasers();
let stream: EventStream;
beforeAll(async () => {
  stream = await openPrivateStream(releasers);
});
afterAll(() => releasers.close());

const publish = (name: string, batchId: string) =>
  stream.client.publish(`polyreel.${name}.${batchId}`, new Uint8Array(200));

/** Reads until nothing follows. */
async function readAll(subject: string): Promise<Set<number>> {
  const seen = new Set<number>();
  for await (const { sequence, pending } of followMessages(stream, { subject, signal: AbortSignal.timeout(20_000) })) {
    seen.add(sequence);
    if (pending === 0) return seen;
  }
  throw new Error(`Nothing reported that the reading is at its end, after ${seen.size} messages.`);
}

async function thereNow(subject: string): Promise<number[]> {
  const there: number[] = [];
  for (let seq = 1; ; ) {
    const query = { seq, next_by_subj: subject };
    const found = await stream.manager.streams.getMessage(STREAM, query);
    if (!found) return there;
    there.push(found.seq);
    seq = found.seq + 1;
  }
}

it.each([
  ["all facts", "polyreel.>"],
  ["facts of batches", "polyreel.batch.*.*"],
])("skips none of %s, and finds the end, while others are purged", { timeout: 120_000 }, async (_, subject) => {
  for (let round = 0; round < ROUNDS; round++) {
    const [stays, goes] = [`stays${round}`, `goes${round}`];
    const publishing: Promise<unknown>[] = [];
    for (let i = 0; i < MESSAGES; i++) {
      for (const id of [stays, goes]) publishing.push(publish(i % 5 === 0 ? "batch.resumed" : "clip.ready", id));
    }
    await Promise.all(publishing);
    const reading = Promise.all(
      Array.from({ length: 6 }, async (_, i) => {
        await sleep(i);
        return readAll(subject);
      }),
    );
    await sleep(3);
    await stream.manager.streams.purge(STREAM, { filter: batchSubjects(goes) });
    const there = await thereNow(subject);
    for (const seen of await reading) expect(there.filter((sequence) => !seen.has(sequence))).toEqual([]);
    await stream.manager.streams.purge(STREAM);
  }
});

it("reports an empty subject at once", async () => {
  const began = performance.now();
  expect(await readAll("polyreel.voice.ready.*")).toEqual(new Set([0]));
  expect(performance.now() - began).toBeLessThan(1000);
});
