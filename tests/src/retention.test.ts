import { mkdtemp, readdir, readFile, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { CleanUpReason, STREAM } from "@polyreel/contract";
import { Releasers } from "@polyreel/platform";
import { scopedStore } from "@polyreel/platform/blobs";
import { NEEDS_SEAWEED, startSeaweed } from "@polyreel/platform/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endOfRun, resumed } from "./rework/runs.js";
import { type Ended, manifestOf, runBatch } from "./testing/batches.js";
import { audio, bed, footage, video } from "./testing/blocks.js";
import { visibleFiles } from "./testing/left-behind.js";
import { expectNothingLeft } from "./testing/leftovers.js";
import { makeBed, makeFootage, put } from "./testing/media.js";
import { partVersions } from "./testing/parts.js";
import { type Pipeline, startPipeline } from "./testing/pipeline.js";
import { storeOnS3 } from "./testing/s3.js";

/** Allows for a busy machine. */
const PATIENT = { timeout: 20_000 };
const HOUR_SECONDS = 3600;

const ALL = { whose: { case: "allTenants" as const, value: true } };

let pipeline: Pipeline;
let shared: string;
let own: string;
let chord: string;
async function start(store: NodeJS.ProcessEnv): Promise<void> {
  pipeline = await startPipeline({ ...store, POLYREEL_DECODED_MAX_BYTES: "0" });
  const { folder } = pipeline;
  const film = async (name: string, hertz: number) =>
    put(pipeline, await makeFootage(folder, name, { seconds: 0.4, size: "160x90", hertz }));
  shared = await film("shared.mp4", 440);
  own = await film("own.mp4", 550);
  chord = await put(pipeline, await makeBed(folder, "chord.wav"));
}

const hook = (label: string, sha256: string) => footage(label, sha256);
const music = () => audio("music", { choices: [bed("chord", chord)] });
const contents = async (folder: string) => {
  const names = (await readdir(join(pipeline.out, folder))).filter((name) => name.endsWith(".mp4")).sort();
  return Promise.all(names.map(async (name) => [name, await readFile(join(pipeline.out, folder, name))] as const));
};
const inStore = async (folder: string) => scopedStore(await pipeline.openStore(), "default").segments(folder);
const bytesOf = ({ combinations }: Ended) =>
  combinations.reduce((sum, { certificate }) => sum + (certificate?.sizeBytes ?? 0n), 0n);

/** Number of facts of a batch in the stream, by subject. */
async function factsOf(batchId: string): Promise<Record<string, number>> {
  const connection = await connect({ servers: pipeline.nats.url });
  try {
    const manager = await jetstreamManager(connection);
    const { state } = await manager.streams.info(STREAM, { subjects_filter: `polyreel.*.*.${batchId}` });
    return state.subjects ?? {};
  } finally {
    await connection.close();
  }
}

/** Sets the times of files to an hour ago. */
async function writtenLongAgo(names: readonly string[]): Promise<void> {
  const hourAgo = Date.now() / 1000 - HOUR_SECONDS;
  for (const name of names) {
    await utimes(join(pipeline.store, "tenants", "default", "parts", "pcm", name), hourAgo, hourAgo);
  }
}

function testRetention(openStore: () => Promise<NodeJS.ProcessEnv>, testMore = () => {}): void {
  beforeAll(async () => start(await openStore()));
  afterAll(() => pipeline?.close());

  it("removes a batch with everything made for it, and can redeliver another one that shared its parts", async () => {
    const old = await runBatch(pipeline, {
      blocks: [video("hook", { choices: [hook("shared", shared), hook("own", own)] }), music()],
    });
    const kept = await runBatch(pipeline, {
      blocks: [video("hook", { choices: [hook("shared", shared)] }), music()],
    });
    await Promise.all([manifestOf(pipeline, old.batchId), manifestOf(pipeline, kept.batchId)]);
    const before = await contents(kept.batchId);
    const parts = await partVersions(pipeline);

    const request = { maxBytes: bytesOf(old) + bytesOf(kept) - 1n };
    const predicted = await pipeline.admin.cleanUp({ ...request, ...ALL, dryRun: true });
    expect(predicted.batches).toMatchObject([
      { batchId: old.batchId, reason: CleanUpReason.SIZE, bytes: bytesOf(old) },
    ]);
    expect(predicted.parts?.count).toBe(2n); // A clip and a soundtrack.
    expect(await partVersions(pipeline)).toEqual(parts);
    expect(await pipeline.admin.cleanUp({ ...request, ...ALL })).toEqual(predicted);
    await expect.poll(() => readdir(pipeline.out), PATIENT).toEqual([kept.batchId]);
    await expect.poll(() => factsOf(old.batchId), PATIENT).toEqual({ [`polyreel.batch.deleted.${old.batchId}`]: 1 });
    const plans = await inStore("plans");
    expect(plans.map((name) => name.split("-")[0])).toEqual([kept.batchId]);
    const left = await partVersions(pipeline);
    expect(left.size).toBe(parts.size - 2);
    for (const [key, time] of left) expect(time, key).toBe(parts.get(key));

    const destination = { kind: { case: "folder", value: { path: "again" } } } as const;
    const { batchId } = kept;
    const run = await resumed(pipeline.batches.deliverCombinations({ batchId, destination }));
    const again = await endOfRun(pipeline, batchId, run);
    expect(again.status.combinations).toMatchObject({ delivered: 1n, failed: 0n });
    expect(await contents("again")).toEqual(before);
    expect(await partVersions(pipeline)).toEqual(left);

    // Everything is removed with the batch: also from the folder of a later delivery, with its manifest there.
    await expect.poll(async () => (await visibleFiles(join(pipeline.out, "again"))).length, PATIENT).toBe(3);
    expect(await pipeline.batches.deleteBatch({ batchId })).toMatchObject({ removedParts: 2n });
    await expect.poll(() => readdir(pipeline.out), PATIENT).toEqual([]);
    expect([...(await partVersions(pipeline)).keys()].filter((key) => !key.startsWith("pcm/"))).toEqual([]);
  });

  it("removes the manifest of a virtual batch, which has no files", async () => {
    const batch = {
      blocks: [video("hook", { choices: [hook("shared", shared)] })],
      outputs: [{ virtual: true }],
    };
    const { batchId } = await runBatch(pipeline, batch);
    await manifestOf(pipeline, batchId);
    await pipeline.batches.deleteBatch({ batchId });
    await expect.poll(() => readdir(pipeline.out), PATIENT).toEqual([]);
    await expect.poll(() => inStore("plans"), PATIENT).toEqual([]);
  });

  testMore();
  it("leaves nothing behind", () => expectNothingLeft(pipeline));
}

describe("with the store in a folder", () => {
  // A bucket keeps no other times than those of writing.
  const testTimes = () => {
    it("removes decoded sound that no batch used lately; when needed, it is decoded again to the same bytes", async () => {
      const cleanUp = async () => (await pipeline.admin.cleanUp({ maxBytes: 10n ** 15n, ...ALL })).decodedSounds;
      await writtenLongAgo(await inStore("parts/pcm")); // Left by other tests.
      await cleanUp();
      const batch = { blocks: [video("hook", { choices: [hook("own", own)] }), music()] };
      const { batchId } = await runBatch(pipeline, batch);
      const before = await contents(batchId);
      const decoded = await inStore("parts/pcm");
      expect(decoded.length).toBeGreaterThan(0);
      // The batch has just used it: it is kept, although the limit is 0 and its files are old.
      await writtenLongAgo(decoded);
      expect(await cleanUp()).toMatchObject({ count: 0n });
      const force = { batchId, force: true };
      const replayed = await endOfRun(pipeline, batchId, await resumed(pipeline.batches.replayBatch(force)));
      expect(replayed.status.combinations).toMatchObject({ delivered: 1n, failed: 0n });
      await writtenLongAgo(decoded);
      expect(await cleanUp()).toMatchObject({ count: 0n });
      await pipeline.batches.deleteBatch({ batchId });
      await expect.poll(() => readdir(pipeline.out), PATIENT).toEqual([]);
      let removed = 0n;
      const cleanUpAndCount = async () => {
        removed += (await cleanUp())?.count ?? 0n;
        return removed;
      };
      await expect.poll(cleanUpAndCount, PATIENT).toBe(BigInt(decoded.length / 2));
      expect(await inStore("parts/pcm")).toEqual([]);

      const again = await runBatch(pipeline, batch);
      expect(await contents(again.batchId)).toEqual(before);
      expect((await inStore("parts/pcm")).sort()).toEqual(decoded.sort());
    });
  };
  testRetention(async () => ({}), testTimes);
});

describe("with the store on S3", NEEDS_SEAWEED, () => {
  const releasers = new Releasers();
  afterAll(() => releasers.close());

  testRetention(async () => {
    const folder = await mkdtemp(join(tmpdir(), "polyreel-retention-"));
    releasers.add(() => rm(folder, { recursive: true, force: true }));
    return storeOnS3(releasers.use(await startSeaweed()), "retention", folder);
  });
});
