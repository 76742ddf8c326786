import { mkdir, mkdtemp, rename, rm, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { create, toBinary } from "@bufbuild/protobuf";
import { BatchSchema, type FactName, factSubject, STREAM } from "@polyreel/contract";
import { Tenants } from "@polyreel/parts";
import type { Work } from "@polyreel/pipeline";
import { FairSlots, openPlatform, type Platform } from "@polyreel/pipeline";
import { NO_SECRETS } from "@polyreel/pipeline/settings";
import { PolyreelError, Releasers } from "@polyreel/platform";
import { planKey, scopedStore } from "@polyreel/platform/blobs";
import { type FactMessage, lastFact, startNatsServer } from "@polyreel/platform/stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type PlannerConfig, readConfig } from "./config.js";
import { SourceBuckets } from "./fetch/buckets/source-buckets.js";
import { giveUpBatch, onBatchSubmitted } from "./on-batch-submitted.js";

const TENANT = "default";
const SPEC = "0123456789abcdef".repeat(4);
/** The broker's deduplication window in this test; normally two minutes. */
const WINDOW_MS = 100;
const releasers = new Releasers();
let store: string;
let platform: Platform;
let config: PlannerConfig;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-planner-"));
  releasers.add(() => rm(folder, { recursive: true }));
  store = join(folder, "store");
  const { url } = releasers.use(await startNatsServer());
  config = readConfig({ NATS_URL: url, POLYREEL_STORE: store, LOG_LEVEL: "silent" });
  platform = releasers.use(
    await openPlatform("test", { ...config, streamMaxBytes: 64 << 20 }, { declaresStream: true }),
  );
  await platform.stream.manager.streams.update(STREAM, { duplicate_window: WINDOW_MS * 1e6 });
});
afterAll(() => releasers.close());

const count = async (name: FactName, batchId: string): Promise<number> => {
  const subject = factSubject(name, batchId);
  const { state } = await platform.stream.manager.streams.info(STREAM, { subjects_filter: subject });
  return state.subjects?.[subject] ?? 0;
};

it("does not publish combinations twice after a crash, even after the deduplication window", async () => {
  const batchId = "killed";
  // No source is in the store: each combination is published as failed.
  const choices = ["a", "b", "c"].map((digit) => ({
    media: {
      case: "source" as const,
      value: { location: { case: "sha256" as const, value: digit.repeat(64) } },
    },
  }));
  const blocks = [{ name: "hook", kind: { case: "video" as const, value: { choices } } }];
  const spec = toBinary(BatchSchema, create(BatchSchema, { blocks }));
  await scopedStore(platform.store, TENANT).put(planKey(batchId, SPEC), spec);
  await platform.publisher.publishOnce("batch.submitted", { batchId, tenant: TENANT, specSha256: SPEC });
  const submitted = await lastFact(platform.stream, "batch.submitted", batchId);
  const message = { name: "batch.submitted", batchId, ...submitted } as FactMessage<"batch.submitted">;
  const work = {
    signal: new AbortController().signal,
    log: platform.log,
    outsideSlot: <T>(wait: () => Promise<T>) => wait(),
  } as Work;
  const buckets = new SourceBuckets({ current: async () => new Map() }, config.fetchLimits, NO_SECRETS);
  const resolving = { ...config, buckets, probes: new FairSlots(1), tenants: new Tenants(platform.store) };
  await onBatchSubmitted(message, work, platform, resolving);
  expect(await count("combination.failed", batchId)).toBe(3);
  await delay(3 * WINDOW_MS);
  await onBatchSubmitted(message, work, platform, resolving);
  expect(await count("combination.failed", batchId)).toBe(3);
  const planned = await lastFact(platform.stream, "batch.planned", batchId);
  expect(planned?.fact).toMatchObject({ combinations: 3n });
});

it("cancels a batch whose specification is lost, but not while the store is away", async () => {
  const batchId = "lost";
  await platform.publisher.publishOnce("batch.submitted", { batchId, tenant: TENANT, specSha256: SPEC });
  const submitted = await lastFact(platform.stream, "batch.submitted", batchId);
  const message = { name: "batch.submitted", batchId, ...submitted } as FactMessage<"batch.submitted">;
  const giveUp = () => giveUpBatch(message, new PolyreelError("not_found", "The store has none."), platform);
  await rename(store, `${store}-elsewhere`);
  await mkdir(store);
  await expect(giveUp()).rejects.toMatchObject({ code: "unavailable" });
  expect(await count("batch.cancelled", batchId)).toBe(0);
  await rmdir(store);
  await rename(`${store}-elsewhere`, store);
  await giveUp();
  expect(await count("batch.cancelled", batchId)).toBe(1);
});
