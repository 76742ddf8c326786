import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { FailureCode } from "@polyreel/contract";
import { payloadKey, removePart } from "@polyreel/parts";
import { Releasers } from "@polyreel/platform";
import { openStore, type Store, scopedStore, sourceKey } from "@polyreel/platform/blobs";
import { readStoreConfig } from "@polyreel/platform/runtime";
import {
  type FaultyProxy,
  NEEDS_SEAWEED,
  type S3Server,
  startFaultyProxy,
  startSeaweed,
} from "@polyreel/platform/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { audio, bed, footage, video } from "./testing/blocks.js";
import { makeBed, makeFootage, put } from "./testing/media.js";
import { type Pipeline, startPipeline } from "./testing/pipeline.js";
import { render } from "./testing/render.js";
import { storeOnS3 } from "./testing/s3.js";

/** Services with a way of their own to the server, on which their requests are counted. */
const COUNTED = ["planner", "renderer", "uploader"] as const;

/** Of the store. */
const PRESENT_FOR_MS = 10_000;
const TRIES = 3;

describe("batches that follow each other, with the store on S3", NEEDS_SEAWEED, () => {
  const releasers = new Releasers();
  const ways = new Map<string, FaultyProxy>();
  let server: S3Server;
  let pipeline: Pipeline;
  let store: Store;
  let sources: readonly string[];
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), "polyreel-warm-"));
    releasers.add(() => rm(folder, { recursive: true, force: true }));
    server = releasers.use(await startSeaweed());
    for (const name of COUNTED) ways.set(name, releasers.use(await startFaultyProxy(server.port)));
    const env = storeOnS3(server, "warm", folder);
    const own = (name: string) =>
      storeOnS3({ ...server, endpoint: ways.get(name)?.endpoint ?? server.endpoint }, "warm", folder);
    pipeline = releasers.use(await startPipeline(env, { own }));
    store = scopedStore(await openStore(readStoreConfig(env)), "default");
    const films = ["a.mp4", "b.mp4", "c.mp4"].map((name, i) =>
      makeFootage(folder, name, { hertz: 300 + i, size: "160x90" }),
    );
    sources = await Promise.all([...films, makeBed(folder, "bed.wav")].map(async (path) => put(pipeline, await path)));
  });
  afterAll(() => releasers.close());

  const batchOf = (canvas: { width: number; height: number }) => {
    const [a = "", b = "", c = "", sound = ""] = sources;
    const choices = [footage("a", a), footage("b", b), footage("c", c)];
    return {
      canvas: { ...canvas, frameRate: 30 },
      blocks: [
        video("first", { choices }),
        video("second", { choices }),
        audio("bed", { loop: true, choices: [bed("bed", sound)] }),
      ],
    };
  };
  const small = { width: 90, height: 160 };

  it("make a few requests, however many sources and parts they have", async ({ skip }) => {
    const rendered = async () =>
      expect(await render(pipeline, batchOf(small))).toMatchObject({ outputs: { length: 9 }, failures: [] });
    for (let tries = 1; ; tries++) {
      const began = performance.now();
      await rendered();
      const before = new Map(COUNTED.map((name) => [name, ways.get(name)?.requests.length ?? 0]));
      await rendered();
      if (performance.now() - began > PRESENT_FOR_MS) {
        skip(tries === TRIES, "the machine is too busy for two batches within ten seconds");
        await sleep(PRESENT_FOR_MS); // Then the services ask for everything again.
        continue;
      }
      for (const name of COUNTED) {
        const requests = ways.get(name)?.requests.slice(before.get(name)) ?? [];
        const about = requests.filter(({ path }) => /sources|probes|parts\//.test(path));
        expect(about.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
        expect(requests.length).toBeLessThan(8);
      }
      return;
    }
  });

  it("deliver everything although a part was lost in between, and fail what needs a lost source", async () => {
    const { outputs } = await render(pipeline, batchOf(small));
    const [lost] = outputs.flatMap(({ clips }) => clips);
    await removePart(store, payloadKey("clip", lost?.hash ?? ""));
    expect(await render(pipeline, batchOf(small))).toMatchObject({ outputs: { length: 9 }, failures: [] });

    await store.remove([sourceKey(sources[0] ?? "")]);
    // Its parts exist.
    expect(await render(pipeline, batchOf(small))).toMatchObject({ outputs: { length: 9 }, failures: [] });
    const other = await render(pipeline, batchOf({ width: 96, height: 160 }));
    expect(other).toMatchObject({ outputs: { length: 4 }, failures: { length: 5 } });
    for (const { failure } of other.failures) {
      expect(failure).toMatchObject({
        choice: "a",
        code: FailureCode.NOT_FOUND,
        reason: "The source is not in the store.",
      });
    }
  });
});
