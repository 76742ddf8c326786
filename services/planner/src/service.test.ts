import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { BatchSchema, ListVoicesResponseSchema, voicesRequest } from "@polyreel/contract";
import { openPlatform, type Platform } from "@polyreel/pipeline";
import { Releasers } from "@polyreel/platform";
import { planKey, scopedStore } from "@polyreel/platform/blobs";
import { factsSoFar, lastFact, startNatsServer } from "@polyreel/platform/stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readConfig } from "./config.js";
import { startPlanner } from "./service.js";

const TENANT = "default";
const SPEC = "0123456789abcdef".repeat(4);
const releasers = new Releasers();
let platform: Platform;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-planner-"));
  releasers.add(() => rm(folder, { recursive: true }));
  const { url } = releasers.use(await startNatsServer());
  const env = { NATS_URL: url, POLYREEL_STORE: join(folder, "store"), LOG_LEVEL: "silent" };
  const config = { ...readConfig(env), streamMaxBytes: 64 << 20 };
  platform = releasers.use(await openPlatform("test", config, { declaresStream: true }));
  releasers.use(await startPlanner(config));
});
afterAll(() => releasers.close());

type Blocks = NonNullable<MessageInitShape<typeof BatchSchema>["blocks"]>;

async function submit(batchId: string, blocks: Blocks): Promise<void> {
  const spec = toBinary(BatchSchema, create(BatchSchema, { blocks }));
  await scopedStore(platform.store, TENANT).put(planKey(batchId, SPEC), spec);
  await platform.publisher.publishOnce("batch.submitted", { batchId, tenant: TENANT, specSha256: SPEC });
}

const hook: Blocks[number] = {
  name: "hook",
  kind: {
    case: "video",
    value: {
      choices: [
        { media: { case: "source", value: { location: { case: "sha256", value: "a".repeat(64) } } } },
        { media: { case: "source", value: { location: { case: "sha256", value: "b".repeat(64) } } } },
      ],
    },
  },
};
const spoken: Blocks[number] = {
  name: "say",
  kind: {
    case: "voice",
    value: { choices: [{ text: "Hello there" }, { text: "Hello there", voice: "rms" }, { label: "nothing" }] },
  },
};
const say: Blocks[number] = { name: "say", kind: { case: "voice", value: { choices: [{ text: "Hello there" }] } } };

/** Answers planners like a speech service of this build. */
function listVoices(build: string) {
  const voices = [{ name: "rms", engine: "flite", build }];
  const listing = toBinary(ListVoicesResponseSchema, create(ListVoicesResponseSchema, { voices, defaultVoice: "rms" }));
  return platform.stream.connection.subscribe(voicesRequest.subject, {
    callback: (_, message) => void message.respond(listing),
  });
}

const { signal } = new AbortController();
const PATIENT = { timeout: 10_000 };
const requestsOf = async (batchId: string) => {
  const all = [];
  for await (const { fact } of factsSoFar(platform.stream, "voice.requested", batchId, { signal })) all.push(fact);
  return all;
};
/** Number of failed combinations: the sources of these batches are missing. */
const decidedOf = async (batchId: string) => {
  let count = 0;
  for await (const _ of factsSoFar(platform.stream, "combination.failed", batchId, { signal })) count++;
  return count;
};
const isPlanned = (batchId: string) => lastFact(platform.stream, "batch.planned", batchId);
const ready = (batchId: string, hash: string) =>
  platform.publisher.publish(
    "voice.ready",
    { batchId, attempt: 1, hash, speechSamples: 24_000n },
    { id: hash, attempt: 1 },
  );

it("plans combinations without voices while no speech service runs, and the rest when one lists its builds", async () => {
  await submit("early", [hook, spoken]);
  await expect.poll(() => decidedOf("early"), PATIENT).toBe(2);
  expect(await requestsOf("early")).toEqual([]);
  const answering = listVoices("flite 1");
  await expect.poll(() => requestsOf("early"), PATIENT).toHaveLength(1);
  const [request] = await requestsOf("early");
  expect(request?.recipe).toMatchObject({ case: "voice", value: { voice: "rms", build: "flite 1" } });
  expect(request?.lines).toHaveLength(2); // The default voice and its name.
  expect(await isPlanned("early")).toBeUndefined();
  await ready("early", request?.hash ?? "");
  await expect
    .poll(async () => (await isPlanned("early"))?.fact, PATIENT)
    .toMatchObject({ combinations: 6n, voices: 1n });
  answering.unsubscribe();
}, 30_000);

it.each([
  ["this release", "flite 0", "f".repeat(64)],
  ["a release that recorded no builds", "", ""],
])(
  "keeps the speech of a batch whose lines were requested by %s, without listing voices",
  async (_, build, hash) => {
    const batchId = `half${build.length}`;
    const [before] = await requestsOf("early");
    if (before?.recipe.case !== "voice") return expect.fail("The earlier batch has no line.");
    // The choice has no voice, and neither had that release's recipe.
    const recipe = { ...before.recipe.value, ...(build ? { build } : { build, voice: "" }) };
    const [line = ""] = before.lines;
    await platform.publisher.publish(
      "voice.requested",
      {
        ...{ batchId, tenant: TENANT, attempt: 1, hash: hash || line },
        ...{ recipe: { case: "voice", value: recipe }, lines: hash ? [line] : [] },
      },
      { id: hash || line, attempt: 1 },
    );
    await submit(batchId, [hook, say]);
    await ready(batchId, hash || line);
    await expect
      .poll(async () => (await isPlanned(batchId))?.fact, PATIENT)
      .toMatchObject({ combinations: 2n, voices: 1n });
    for (const request of await requestsOf(batchId)) {
      expect(request).toMatchObject({ hash: hash || line, recipe: { case: "voice", value: { build } } });
    }
  },
  30_000,
);

it("plans a batch while more batches than it has slots wait for a voice that is not spoken", async () => {
  listVoices("flite 1");
  const waiting = Array.from({ length: 12 }, (_, i) => `waiting${i}`);
  for (const batchId of waiting) await submit(batchId, [hook, say]);
  for (const batchId of waiting) {
    await expect.poll(() => lastFact(platform.stream, "voice.requested", batchId), { timeout: 10_000 }).toBeDefined();
  }
  await submit("quick", [hook]);
  await expect
    .poll(async () => (await lastFact(platform.stream, "batch.planned", "quick"))?.fact.combinations, {
      timeout: 10_000,
    })
    .toBe(2n);
  expect(await lastFact(platform.stream, "batch.planned", "waiting0")).toBeUndefined();
}, 30_000);
