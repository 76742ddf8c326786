import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { BatchSchema } from "@polyreel/contract";
import { openPlatform, type Platform } from "@polyreel/pipeline";
import { Releasers } from "@polyreel/platform";
import { planKey, scopedStore } from "@polyreel/platform/blobs";
import { lastFact, startNatsServer } from "@polyreel/platform/stream";
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
  platform = releasers.use(await openPlatform("test", config));
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
const say: Blocks[number] = { name: "say", kind: { case: "voice", value: { choices: [{ text: "Hello there" }] } } };

it("plans a batch while more batches than it plans at a time wait for a voice that nobody speaks", async () => {
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
