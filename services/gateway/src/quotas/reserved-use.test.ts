import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Code, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { estimateRequest, UsageService } from "@polyreel/contract";
import type { Running } from "@polyreel/platform";
import { answerRequests, openRecords } from "@polyreel/platform/stream";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type Gateway, startGateway } from "../service.js";
import { batchClient, PATIENT, refusal } from "../testing/batch-gateway.js";
import { type RunningGateway, runGateway } from "../testing/running-gateway.js";
import { sampleBatch } from "../testing/sample-batch.js";

// Every batch of four combinations is estimated to take 30 core seconds and to write 4,000 bytes.

let folder: string;
let first: RunningGateway;
let second: Gateway;
let planner: Running;
/** Tenants whose batches were estimated. */
const estimated: string[] = [];
let patience: Promise<unknown> = Promise.resolve();

const clients = () => [batchClient(first.url), batchClient(`http://127.0.0.1:${second.port}`)] as const;
const submit = (tenant: string, i: number | string, name = "spring", at = 0) =>
  (at === 0 ? clients()[0] : clients()[1]).submitBatch({
    batch: sampleBatch({ tenant, name }),
    requestId: `${tenant} ${i}`,
  });
const idOf = async (tenant: string, i: number | string) => (await submit(tenant, i)).batch?.batchId ?? "";
const reservedBy = async (tenant: string) => {
  const { getUsage } = createClient(UsageService, createConnectTransport({ baseUrl: first.url, httpVersion: "1.1" }));
  const { reserved } = (await getUsage({ tenant })).usage[0] ?? {};
  return reserved && [reserved.encodeSeconds, Number(reserved.deliveredBytes)];
};
const made = (batchId: string, hash: string, encodeSeconds: number) =>
  first.platform.publisher.publish("clip.ready", { batchId, hash, attempt: 1, encodeSeconds } as never, { id: hash });
const deliver = (batchId: string, ordinal: number, attempt = 1) =>
  first.platform.publisher.publish(
    "combination.delivered",
    {
      ...{ batchId, combinationId: `c${ordinal}`, ordinal: BigInt(ordinal), path: `${ordinal}.mp4`, attempt },
      certificate: { sizeBytes: 900n },
    } as never,
    { id: `c${ordinal} ${attempt}` },
  );
const finish = async (batchId: string) => {
  await first.platform.publisher.publish("batch.planned", { batchId, combinations: 4n }, { id: "plan" });
  for (const ordinal of [0, 1, 2, 3]) await deliver(batchId, ordinal);
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-reserved-"));
  const quotasFile = join(folder, "quotas.yaml");
  const both = "encodeSecondsPerMonth: 100, deliveredBytesPerMonth: 1MB";
  await writeFile(
    quotasFile,
    `many: {${both}}\nlife: {encodeSecondsPerMonth: 110}\nlost: {encodeSecondsPerMonth: 50}\nsmall: {deliveredBytesPerMonth: 3000}\nslow: {${both}}\n`,
  );
  first = await runGateway({ quotasFile });
  second = await startGateway(first.config);
  planner = answerRequests(estimateRequest, first.platform, { atOnce: 2 }, async ({ batch }) => {
    estimated.push(batch?.tenant ?? "");
    if (batch?.tenant === "slow") await patience;
    return { combinations: 4n, encodeCoreSeconds: 30, writtenBytes: 4000n, outputBytes: 4000n, storeBytes: 5n };
  });
});
afterAll(async () => {
  await planner?.close();
  await second?.close();
  await first?.close();
  await rm(folder, { recursive: true, force: true });
});

it("never reserves more than there is, however many submit at once at two gateways, by one estimate at each", async () => {
  const outcomes = await Promise.all(
    Array.from({ length: 200 }, (_, i) =>
      submit("many", i, "spring", i % 2).then(
        () => "accepted",
        (error: unknown) => /quota (\w+)/.exec(String(error))?.[1] ?? String(error),
      ),
    ),
  );
  expect(outcomes.filter((one) => one === "accepted")).toHaveLength(3);
  expect(outcomes.filter((one) => one === "encodeSecondsPerMonth")).toHaveLength(197);
  expect(estimated.length).toBeLessThanOrEqual(2);
  expect(await reservedBy("many")).toEqual([90, 12_000]);
}, 60_000);

it("holds what a batch has not used, and gives back the rest when it ends or is cancelled", async () => {
  const batchId = await idOf("life", 1);
  await made(batchId, "a".repeat(64), 12);
  await deliver(batchId, 0);
  await expect.poll(() => reservedBy("life"), PATIENT).toEqual([18, 3100]);
  // It takes more than it was estimated to.
  await made(batchId, "b".repeat(64), 28);
  await expect.poll(() => reservedBy("life"), PATIENT).toEqual([0, 3100]);
  await finish(batchId);
  await expect.poll(() => reservedBy("life"), PATIENT).toEqual([0, 0]);
  // 40 are used.
  const other = await idOf("life", 2);
  expect(await reservedBy("life")).toEqual([30, 4000]);
  const refused = await refusal(submit("life", 3, "spring", 1).then(() => submit("life", 4)));
  expect(refused).toMatchObject({
    code: Code.ResourceExhausted,
    failures: [
      {
        reason:
          'Tenant "life" has used 40 and reserved 60 of its 110 encode seconds a month, and this needs 30 more (quota encodeSecondsPerMonth).',
      },
    ],
  });
  await clients()[0].cancelBatch({ batchId: other });
  await expect.poll(() => reservedBy("life"), PATIENT).toEqual([30, 4000]);
  const replay = { batchId, requestId: "again", force: true };
  await clients()[1].replayBatch(replay);
  await expect.poll(() => reservedBy("life"), PATIENT).toEqual([60, 8000]);
  await expect(clients()[0].replayBatch({ ...replay, requestId: "once more" })).rejects.toThrow(/reserved 60/);
  // The same request is answered as before.
  await clients()[0].replayBatch(replay);
  await deliver(batchId, 0, 2);
  await expect.poll(() => reservedBy("life"), PATIENT).toEqual([60, 7100]);
});

it("gives back what a gateway reserved that was killed before it published", async () => {
  const records = await openRecords(first.platform.stream, "polyreel-quotas", "Quotas");
  const use = { storedBytes: 0, deliveredBytes: 0, speechCharacters: 0, encodeSeconds: 30 };
  const lose = (ageMs: number) =>
    records.change("batches.lost", () =>
      JSON.stringify([{ batchId: "lost", run: 1, combinations: 4, batches: 1, use, atMs: Date.now() - ageMs }]),
    );
  await lose(5_000);
  expect(await reservedBy("lost")).toEqual([30, 0]);
  await expect(submit("lost", 1)).rejects.toThrow(/has used 0 and reserved 30 of its 50/);
  await lose(61_000);
  await submit("lost", 1);
  expect(await reservedBy("lost")).toEqual([30, 4000]);
});

it("says of what never fits what it needs, before anything is stored", async () => {
  const { message } = await refusal(submit("small", 1));
  expect(message).toMatch(/batch: This needs 4,000, and tenant "small" may have 3,000 delivered bytes a month/);
});

it("reserves all that is left for a batch whose estimate takes too long", async () => {
  let answer = () => {};
  patience = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const { timeout } = AbortSignal;
  const sooner = vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => timeout(ms === 20_000 ? 300 : ms));
  try {
    await submit("slow", 1);
  } finally {
    sooner.mockRestore();
    answer();
  }
  expect(await reservedBy("slow")).toEqual([100, 1_000_000]);
  await expect(submit("slow", 2)).rejects.toThrow(/reserved 1,000,000 of its 1,000,000 delivered bytes/);
});

it("asks no planner where no quota needs an estimate, and says where one is missing", async () => {
  await planner.close();
  const before = estimated.length;
  await submit("free", 1);
  expect([estimated.length, await reservedBy("free")]).toEqual([before, undefined]);
  await expect(submit("lost", 2, "another")).rejects.toThrow(/No planner answers/);
});
