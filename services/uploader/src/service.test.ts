import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { BatchSchema, CombinationSchema, joinOf } from "@polyreel/contract";
import type { ClipPart } from "@polyreel/media/join";
import { certify, layOut, tagsOf } from "@polyreel/media/join";
import { encodeClip } from "@polyreel/media/testing";
import { PartStore } from "@polyreel/parts";
import { openPlatform, type Platform } from "@polyreel/pipeline";
import { Releasers } from "@polyreel/platform";
import { planKey, scopedStore } from "@polyreel/platform/blobs";
import { writeKeptPaths } from "@polyreel/platform/files";
import { readStoreConfig } from "@polyreel/platform/runtime";
import { secretsDefaults } from "@polyreel/platform/secrets";
import { followFacts, lastFact, startNatsServer } from "@polyreel/platform/stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { UploaderConfig } from "./config.js";
import { startUploader, type Uploader } from "./service.js";

const TENANT = "acme";
const releasers = new Releasers();
let config: UploaderConfig;
let platform: Platform;
let uploaders: Uploader[];
let clip: ClipPart;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-uploader-"));
  releasers.add(() => rm(folder, { recursive: true }));
  const { url } = releasers.use(await startNatsServer());
  config = {
    natsUrl: url,
    natsAccess: {},
    store: readStoreConfig({ POLYREEL_STORE: join(folder, "store") }),
    streamMaxBytes: 64 << 20,
    ackWaitMs: 20_000,
    outageWaitMs: 600_000,
    streamReplicas: 1,
    logLevel: "silent",
    logStream: "stdout",
    telemetry: {},
    ops: { host: "127.0.0.1", port: undefined },
    outputFolder: join(folder, "out"),
    destinationsFile: "",
    deliveriesAtOnce: 2,
    secrets: secretsDefaults,
  };
  platform = releasers.use(await openPlatform("test", config, { declaresStream: true }));
  const parts = new PartStore(scopedStore(platform.store, TENANT));
  const { hash, payload, index } = await encodeClip(folder, "clip", { source: "testsrc2=s=64x64:r=30", frames: 5 });
  await parts.put("clip", hash, payload, { kind: { case: "clip", value: index } });
  clip = { hash, index };
  uploaders = [releasers.use(await startUploader(config)), releasers.use(await startUploader(config))];
});
afterAll(() => releasers.close());

const SPEC = "0123456789abcdef".repeat(4);

async function submit(batchId: string, folder: string): Promise<void> {
  const spec = create(BatchSchema, {
    outputs: [{ destination: { kind: { case: "folder", value: { path: folder } } } }],
  });
  await scopedStore(platform.store, TENANT).put(planKey(batchId, SPEC), toBinary(BatchSchema, spec));
  await platform.publisher.publishOnce("batch.submitted", { batchId, tenant: TENANT, specSha256: SPEC });
}

const combination = (i: number) =>
  create(CombinationSchema, {
    id: `c${i}`,
    ordinal: BigInt(i),
    choices: [{ block: "hook", choice: `choice ${i}` }],
    fileName: `${i}.mp4`,
    clips: [{ hash: clip.hash, block: "hook", choice: `choice ${i}` }],
  });

const certified = (i: number) => certify([clip], undefined, layOut([clip], undefined, tagsOf(combination(i))));

async function render(batchId: string, i: number, folder: string, certificate = certified(i)): Promise<void> {
  await platform.publisher.publish(
    "combination.rendered",
    { batchId, tenant: TENANT, attempt: 1, combination: combination(i), target: { folder }, certificate },
    { id: `c${i}` },
  );
}

/** The final facts about a batch's first `count` combinations, sorted. */
async function ends(batchId: string, count: number): Promise<string[]> {
  const stop = new AbortController();
  const facts: string[] = [];
  for await (const { name, fact } of followFacts(platform.stream, {
    subject: `polyreel.combination.*.${batchId}`,
    signal: stop.signal,
  })) {
    if (name === "combination.delivered" || name === "combination.failed") facts.push(`${fact.combinationId} ${name}`);
    if (facts.length === count) stop.abort();
  }
  return facts.sort();
}

async function finish(batchId: string): Promise<void> {
  await platform.publisher.publishOnce("batch.finished", { batchId });
  await expect.poll(async () => (await Promise.all(uploaders.map((one) => one.idle()))).every(Boolean)).toBe(true);
}

/** The tenant's output folder. */
const outputs = () => join(config.outputFolder, "tenants", TENANT);

const manifest = async (folder: string) =>
  (await readFile(join(outputs(), folder, "manifest.jsonl"), "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** Visible entries of a folder. */
const files = async (folder: string) =>
  (await readdir(join(outputs(), folder)).catch((): string[] => [])).filter((name) => name !== ".polyreel").sort();

const untilDeleted = (batchId: string) =>
  expect.poll(() => lastFact(platform.stream, "batch.deleted", batchId)).toBeDefined();

async function plans(): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of scopedStore(platform.store, TENANT).list("plans/")) keys.push(key);
  return keys;
}

it("delivers each rendered output once, and lists them in the batch's order when it finishes", async () => {
  await submit("whole", "spring/sale");
  await Promise.all([4, 2, 0, 3, 1].map((i) => render("whole", i, "spring/sale")));
  expect(await ends("whole", 5)).toEqual([0, 1, 2, 3, 4].map((i) => `c${i} combination.delivered`));
  await finish("whole");
  const folder = join(outputs(), "spring", "sale");
  expect(await files("spring/sale")).toEqual(
    ["0.mp4", "1.mp4", "2.mp4", "3.mp4", "4.mp4", "manifest.csv", "manifest.jsonl"].sort(),
  );
  expect((await stat(join(folder, "3.mp4"))).size).toBe(Number(certified(3).sizeBytes));
  const rows = await manifest("spring/sale");
  expect(rows.map(({ id, status, file }) => [id, status, file])).toEqual(
    [0, 1, 2, 3, 4].map((i) => [`c${i}`, "delivered", `${i}.mp4`]),
  );
  expect(rows[0]).toMatchObject({
    choices: { hook: "choice 0" },
    durationSeconds: 5 / 30,
    traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
    certificate: { frames: 5, headerSha256: joinOf(certified(0))?.headerSha256 },
  });
});

it("publishes failed deliveries, and lists them with the others", async () => {
  await submit("partly", "partly");
  await render("partly", 0, "partly");
  await render("partly", 1, "../outside");
  expect(await ends("partly", 2)).toEqual(["c0 combination.delivered", "c1 combination.failed"]);
  await finish("partly");
  expect(await manifest("partly")).toMatchObject([
    { id: "c0", status: "delivered" },
    { id: "c1", status: "failed", failure: { reason: expect.stringContaining("not a folder below") } },
  ]);
});

it("requests pictures of a release that made them during the delivery of the video", async () => {
  await submit("former", "former");
  const pictures = [{ suffix: ".jpg", frames: [2], columns: 1 }];
  const about = { batchId: "former", tenant: TENANT, attempt: 1, combination: combination(0) };
  const rendered = { ...about, target: { folder: "former", pictures }, certificate: certified(0) };
  await platform.publisher.publish("combination.rendered", rendered, { id: "c0" });
  await expect
    .poll(() => lastFact(platform.stream, "combination.planned", "former"))
    .toMatchObject({
      fact: {
        ...{ attempt: 2, again: true, deliveryCount: 2 },
        outputs: [
          { number: 0, targets: [{ folder: "former", delivery: 0 }] },
          { number: 1, fileName: "0.jpg", targets: [{ folder: "former", delivery: 1 }] },
        ],
      },
    });
});

it("lists planned outputs of a cancelled batch, too", async () => {
  await submit("cancelled", ".");
  for (const i of [0, 1]) {
    const planned = { batchId: "cancelled", tenant: TENANT, attempt: 1, combination: combination(i) };
    await platform.publisher.publish("combination.planned", planned, { id: `c${i}` });
  }
  await render("cancelled", 0, ".");
  await ends("cancelled", 1);
  await platform.publisher.publishOnce("batch.cancelled", { batchId: "cancelled" });
  await finish("cancelled");
  expect((await manifest(".")).map(({ id, status }) => [id, status])).toEqual([
    ["c0", "delivered"],
    ["c1", "cancelled"],
  ]);
});

it("writes the manifest of a batch that finished while no uploader ran", async () => {
  await submit("later", "later");
  await render("later", 0, "later");
  await ends("later", 1);
  await Promise.all(uploaders.map((one) => one.close()));
  await platform.publisher.publishOnce("batch.finished", { batchId: "later" });
  uploaders = [releasers.use(await startUploader(config))];
  await expect.poll(() => uploaders[0]?.idle()).toBe(true);
  expect(await manifest("later")).toMatchObject([{ id: "c0", status: "delivered" }]);
});

it("removes outputs of a deleted batch only", async () => {
  for (const [batchId, i] of [
    ["b-kept", 1],
    ["b-deleted", 2],
    ["b-deleted", 3],
  ] as const) {
    await submit(batchId, "shared");
    await render(batchId, i, "shared");
  }
  await submit("b-alone", "alone/here");
  await render("b-alone", 4, "alone/here");
  await Promise.all([ends("b-kept", 1), ends("b-deleted", 2), ends("b-alone", 1)]);
  await platform.publisher.publish("batch.finished", { batchId: "b-alone", delivered: 1n }, { id: "1" });
  await expect.poll(() => files("alone/here")).toEqual(["4.mp4", "manifest.csv", "manifest.jsonl"]);

  for (const batchId of ["b-deleted", "b-alone"])
    await platform.publisher.publish("batch.deleting", { batchId, tenant: TENANT }, { id: "1" });
  for (const batchId of ["b-deleted", "b-alone"]) await untilDeleted(batchId);
  expect(await files("shared")).toEqual(["1.mp4"]);
  expect(await files("alone")).toEqual([]);
  expect(await plans()).not.toContain(planKey("b-deleted", SPEC));
  expect(await plans()).toContain(planKey("b-kept", SPEC));
});

it("keeps a deleted batch's paths that another batch has written, too", async () => {
  for (const batchId of ["nightly-1", "nightly-2"]) {
    await submit(batchId, "latest");
    for (const i of [5, 6]) if (batchId === "nightly-1" || i === 5) await render(batchId, i, "latest");
  }
  await Promise.all([ends("nightly-1", 2), ends("nightly-2", 1)]);
  // Like the gateway that deletes the batch.
  await writeKeptPaths(scopedStore(platform.store, TENANT), "nightly-1", ["tenants/acme/latest/5.mp4"]);
  await platform.publisher.publish("batch.deleting", { batchId: "nightly-1", tenant: TENANT }, { id: "1" });
  await untilDeleted("nightly-1");
  expect(await files("latest")).toEqual(["5.mp4"]);
  await expect.poll(async () => (await plans()).filter((key) => key.includes("nightly-1"))).toEqual([]);
});

// The order of the two is random: in some of ten runs files are removed while the manifest is written.
it.each(Array.from({ length: 10 }, (_, i) => `soon-${i}`))(
  "leaves no manifest of a batch that is deleted during its writing: %s",
  async (soon) => {
    await submit(soon, soon);
    await render(soon, 1, soon);
    await ends(soon, 1);
    await platform.publisher.publish("batch.finished", { batchId: soon, delivered: 1n }, { id: "1" });
    await platform.publisher.publish("batch.deleting", { batchId: soon, tenant: TENANT }, { id: "1" });
    await untilDeleted(soon);
    await expect.poll(async () => (await Promise.all(uploaders.map((one) => one.idle()))).every(Boolean)).toBe(true);
    expect(await files(soon)).toEqual([]);
  },
);

it("deletes a batch without deliveries although the output folder was never created", async () => {
  await Promise.all(uploaders.map((one) => one.close()));
  uploaders = [
    releasers.use(await startUploader({ ...config, outputFolder: join(config.outputFolder, "never/made") })),
  ];
  await submit("cancelled-early", "early");
  await platform.publisher.publish("batch.cancelled", { batchId: "cancelled-early" }, { id: "1" });
  await platform.publisher.publish("batch.deleting", { batchId: "cancelled-early", tenant: TENANT }, { id: "1" });
  await untilDeleted("cancelled-early");
});
