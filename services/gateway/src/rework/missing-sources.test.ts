import { createHash } from "node:crypto";
import { type Client, Code, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { BatchService, SourceService } from "@polyreel/contract";
import { readSpecification, readWorkList } from "@polyreel/pipeline";
import { scopedStore } from "@polyreel/platform/blobs";
import { lastFact } from "@polyreel/platform/stream";
import { isMissing, sourcePlaces } from "@polyreel/spec";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { refusal } from "../testing/batch-gateway.js";
import { type RunningGateway, runGateway } from "../testing/running-gateway.js";
import { sampleBatch } from "../testing/sample-batch.js";

/** Allows for a busy machine. */
const PATIENT = { timeout: 20_000 };
const BYTES = Buffer.from("a film");

let gateway: RunningGateway;
let batches: Client<typeof BatchService>;
let sources: Client<typeof SourceService>;
let batchId: string;
let sha256: string;

const missing = (name: string) => ({
  name,
  location: { case: "unreadable" as const, value: `"${name}": It is gone.` },
});
const batch = sampleBatch({
  blocks: [
    {
      name: "hook",
      kind: {
        case: "video",
        value: {
          choices: ["a", "b", "c"].map((label) => ({
            label,
            media: { case: "source" as const, value: missing(`${label}.mp4`) },
          })),
        },
      },
    },
  ],
});

/** Of combination 0, which was never planned, and 1, which was planned with an output whose watermark was missing. */
async function fail(attempt: number): Promise<void> {
  for (const ordinal of [0, 1]) {
    const about = { batchId, attempt, combinationId: `c${ordinal}`, ordinal: BigInt(ordinal) };
    const failure = { block: "hook", choice: "a", reason: "It is gone.", remedy: "Find it." };
    const choices = [{ block: "hook", choice: "a" }];
    await gateway.platform.publisher.publish(
      "combination.failed",
      { ...about, choices, failure },
      { id: `c${ordinal}`, attempt },
    );
  }
  const failed = async () => (await batches.getBatch({ batchId })).batch?.combinations?.failed;
  await vi.waitFor(async () => expect(await failed()).toBe(2n), PATIENT);
}

beforeAll(async () => {
  gateway = await runGateway();
  const transport = createGrpcTransport({ baseUrl: gateway.url });
  batches = createClient(BatchService, transport);
  sources = createClient(SourceService, transport);
  batchId = (await batches.submitBatch({ batch, requestId: "missing" })).batch?.batchId ?? "";
  const combination = { id: "c1", ordinal: 1n, choices: [{ block: "hook", choice: "a" }] };
  await gateway.platform.publisher.publish("combination.planned", { batchId, attempt: 1, combination }, { id: "c1" });
  await fail(1);
});
afterAll(() => gateway.close());

const found = (choice: string, hash = sha256) => ({ block: "hook", choice, sha256: hash, field: "source" });
const resumedFact = async () => (await lastFact(gateway.platform.stream, "batch.resumed", batchId))?.fact;
const store = () => scopedStore(gateway.platform.store, "default");

it("lists missing sources page by page", async () => {
  const first = await batches.listMissingSources({ batchId, pageSize: 2 });
  expect(first.sources).toMatchObject([
    { block: "hook", choice: "a", field: "source", name: "a.mp4", unreadable: '"a.mp4": It is gone.', sha256: "" },
    { choice: "b" },
  ]);
  const second = await batches.listMissingSources({ batchId, pageSize: 2, pageToken: first.nextPageToken });
  expect(second).toMatchObject({ sources: [{ choice: "c" }], nextPageToken: "" });
  expect(await refusal(batches.listMissingSources({ batchId: "b-none" }))).toMatchObject({ code: Code.NotFound });
});

it("refuses sources that the server does not have, or that were not missing", async () => {
  const retry = (source: object) => refusal(batches.retryBatch({ batchId, sources: [source] }));
  expect(await retry(found("a", "0".repeat(64)))).toMatchObject({
    code: Code.FailedPrecondition,
    failures: [{ field: "sources[0].sha256", remedy: expect.stringContaining("PutSource") }],
  });
  expect(await retry(found("x", "0".repeat(64)))).toMatchObject({
    code: Code.InvalidArgument,
    failures: [{ field: "sources[0]", reason: expect.stringContaining("was not missing") }],
  });
  expect(await retry(found("a", "nonsense"))).toMatchObject({ code: Code.InvalidArgument });
  expect(await resumedFact()).toBeUndefined();
});

it("resumes with the found sources, and plans again what was planned without them", async () => {
  sha256 = createHash("sha256").update(BYTES).digest("hex");
  const description = { sha256, sizeBytes: BigInt(BYTES.length), fileName: "a.mp4" };
  const put = async function* () {
    yield { part: { case: "description" as const, value: description } };
    yield { part: { case: "chunk" as const, value: BYTES } };
  };
  await sources.putSource(put());
  const request = { batchId, requestId: "first", sources: [found("a")] };
  const { resumption } = await batches.retryBatch(request);
  expect(resumption).toMatchObject({ run: 2, combinations: 2n });
  expect((await batches.retryBatch(request)).resumption).toMatchObject({ run: 2, combinations: 2n });
  const fact = await resumedFact();
  const batchNow = await readSpecification(store(), { batchId, specSha256: fact?.specSha256 ?? "" });
  expect([...sourcePlaces(batchNow)].filter(isMissing).map(({ choice }) => choice)).toEqual(["b", "c"]);
  const items = [];
  if (fact) for await (const { ordinal, sequence } of readWorkList(store(), fact)) items.push({ ordinal, sequence });
  expect(items).toEqual([0, 1].map((ordinal) => ({ ordinal, sequence: 0n })));
  expect((await batches.listMissingSources({ batchId })).sources.map((one) => one.sha256)).toEqual([sha256, "", ""]);
});

it("keeps them for later runs, beside further ones, and protects their bytes", async () => {
  const before = (await resumedFact())?.specSha256;
  await fail(2);
  await batches.retryBatch({ batchId });
  expect(await resumedFact()).toMatchObject({ run: 3, specSha256: before });
  await fail(3);
  await batches.retryBatch({ batchId, sources: [found("a"), found("b")] });
  expect((await batches.listMissingSources({ batchId })).sources.map((one) => one.sha256)).toEqual([
    sha256,
    sha256,
    "",
  ]);
  expect(await refusal(sources.deleteSource({ sha256 }))).toMatchObject({ code: Code.FailedPrecondition });
  const again = await batches.submitBatch({ batch, requestId: "missing" });
  expect(again.batch?.batchId).toBe(batchId);
});
