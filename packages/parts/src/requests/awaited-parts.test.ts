import { create } from "@bufbuild/protobuf";
import { CombinationSchema, type PartFactName, type PartRequested } from "@polyreel/contract";
import { LiveBatches } from "@polyreel/pipeline";
import { Releasers } from "@polyreel/platform";
import { createLog } from "@polyreel/platform/runtime";
import {
  connectNats,
  createPublisher,
  type EventStream,
  factsSoFar,
  openStream,
  type Publisher,
  startNatsServer,
} from "@polyreel/platform/stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { PartRef } from "../kinds/media-ref.js";
import type { PartStore } from "../part-store.js";
import { AwaitedParts } from "./awaited-parts.js";
import { ForcedRebuild } from "./force-rebuild.js";

const log = createLog("test", "silent");
const releasers = new Releasers();
const { signal } = new AbortController();
const present = new Set<string>();
const parts = {
  has: async (_kind: string, hash: string) => present.has(hash),
  knows: () => false,
  existed: async (_kind: string, hash: string) => present.has(hash),
  index: async () => undefined,
} as unknown as PartStore;
let stream: EventStream;
let publisher: Publisher;
let batches: LiveBatches;
let awaited: AwaitedParts;

beforeAll(async () => {
  const { url } = releasers.use(await startNatsServer());
  const connection = await connectNats({ url, name: "test", log });
  releasers.add(() => connection.drain());
  stream = await openStream(connection, { maxBytes: 64 << 20 });
  publisher = createPublisher(stream);
  batches = releasers.use(await LiveBatches.follow(stream, log));
  awaited = releasers.use(new AwaitedParts({ stream, publisher, batches, log }));
});
afterAll(() => releasers.close());

const clip = (hash: string): PartRef => ({ kind: "clip", hash });
const wait = <T>(waiting: () => Promise<T>): Promise<T> => waiting();
const waiter = { signal, wait };

async function live(batchId: string): Promise<void> {
  await publisher.publish("batch.submitted", { batchId }, { id: batchId });
  await expect.poll(() => batches.ids).toContain(batchId);
}

/** The requests of a kind so far, the newest last. */
async function requests(batchId: string, name: PartFactName<"requested">): Promise<PartRequested[]> {
  const found: PartRequested[] = [];
  for await (const { fact } of factsSoFar(stream, name, batchId, { signal })) found.push(fact);
  return found;
}

it("requests a lost part once, however many need it, and waits for it", async () => {
  await live("b1");
  await publisher.publish("clip.requested", { batchId: "b1", hash: "lost", attempt: 1 }, { id: "lost", attempt: 1 });
  const waiting = ["one", "other"].map(() =>
    awaited.restore(parts, [clip("lost")], { batchId: "b1", attempt: 1 }, waiter),
  );
  await expect.poll(async () => (await requests("b1", "clip.requested")).length).toBe(2);
  present.add("lost");
  await publisher.publish("clip.ready", { batchId: "b1", hash: "lost", attempt: 2 }, { id: "ready", attempt: 2 });
  await Promise.all(waiting);
  expect((await requests("b1", "clip.requested")).map(({ attempt }) => attempt)).toEqual([1, 2]);
});

it("requests again only the parts that replanned work lacks, and maps a part's failure with `blame`", async () => {
  await live("b2");
  present.add("there");
  for (const hash of ["there", "gone"]) {
    await publisher.publish("clip.requested", { batchId: "b2", hash, attempt: 1 }, { id: hash, attempt: 1 });
  }
  const about = { batchId: "b2", attempt: 2, again: true, madeAfter: 0 };
  const blame = (_error: unknown, { hash }: PartRef) => new Error(`without ${hash}`);
  const waiting = awaited.exist(parts, [clip("there"), clip("gone")], about, waiter, blame);
  const failing = expect(waiting).rejects.toThrow("without gone");
  await expect.poll(async () => (await requests("b2", "clip.requested")).length).toBe(3);
  const failure = { reason: "not media" };
  await publisher.publish("clip.failed", { batchId: "b2", hash: "gone", attempt: 2, failure }, { id: "f", attempt: 2 });
  await failing;
  expect((await requests("b2", "clip.requested")).at(-1)).toMatchObject({ hash: "gone", attempt: 2 });
});

it("requests a part again that was announced, and is missing all the same", async () => {
  const batchId = "b5";
  await live(batchId);
  await publisher.publish("clip.requested", { batchId, hash: "brief", attempt: 1 }, { id: "brief", attempt: 1 });
  const about = { batchId, attempt: 1, again: false, madeAfter: 0 };
  const waiting = awaited.exist(parts, [clip("brief")], about, waiter, (error) => error);
  await publisher.publish("clip.ready", { batchId, hash: "brief", attempt: 1 }, { id: "r1", attempt: 1 });
  await expect.poll(async () => (await requests(batchId, "clip.requested")).length).toBe(2);
  present.add("brief");
  await publisher.publish("clip.ready", { batchId, hash: "brief", attempt: 2 }, { id: "r2", attempt: 2 });
  await waiting;
  expect((await requests(batchId, "clip.requested")).map(({ attempt }) => attempt)).toEqual([1, 2]);
});

it("requests a part again if its index vanished, and releases the message", async () => {
  await live("b3");
  await publisher.publish("sound.requested", { batchId: "b3", hash: "s", attempt: 1 }, { id: "s", attempt: 1 });
  await expect(awaited.index(parts, { kind: "sound", hash: "s" }, { batchId: "b3", attempt: 1 })).rejects.toMatchObject(
    {
      code: "unavailable",
      outage: false,
      failure: { reason: "A soundtrack is missing from the store." },
    },
  );
  expect((await requests("b3", "sound.requested")).map(({ attempt }) => attempt)).toEqual([1, 2]);
});

it("rebuilds the parts of combinations and their inputs, and fails parts that cannot be requested", async () => {
  const batchId = "b4";
  await live(batchId);
  const events = [{ input: { case: "voiceHash", value: "v" } as const }];
  const recipe = { case: "sound", value: { events } } as const;
  await publisher.publish("voice.requested", { batchId, hash: "v", attempt: 1 }, { id: "v", attempt: 1 });
  await publisher.publish("clip.requested", { batchId, hash: "c", attempt: 1 }, { id: "c", attempt: 1 });
  await publisher.publish("sound.requested", { batchId, hash: "s", attempt: 1, recipe }, { id: "s", attempt: 1 });
  const rebuild = new ForcedRebuild(batchId, 2);
  const clips = [{ hash: "c" }, { hash: "unknown" }, { hash: "c" }];
  rebuild.need(create(CombinationSchema, { clips, soundHash: "s" }));
  await rebuild.request({ stream, publisher }, signal);
  for (const [name, hash] of [
    ["clip", "c"],
    ["sound", "s"],
    ["voice", "v"],
  ] as const) {
    const all = await requests(batchId, `${name}.requested`);
    expect(all.map((one) => [one.hash, one.attempt, one.force])).toEqual([
      [hash, 1, false],
      [hash, 2, true],
    ]);
  }
  const failed: string[] = [];
  for await (const { fact } of factsSoFar(stream, "clip.failed", batchId, { signal })) failed.push(fact.hash);
  expect(failed).toEqual(["unknown"]);
});
