import { createHash } from "node:crypto";
import { type Client, Code, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { SourceOrigin, SourceService } from "@polyreel/contract";
import {
  fetchedKey,
  type Store,
  scopedStore,
  sourceKey,
  sourceRecordKey,
  sourceRemovalKey,
} from "@polyreel/platform/blobs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type BatchGateway, PATIENT, refusal, runBatchGateway } from "../testing/batch-gateway.js";
import { sampleBatch } from "../testing/sample-batch.js";

let batches: BatchGateway;
let client: Client<typeof SourceService>;
let store: Store;
beforeAll(async () => {
  batches = await runBatchGateway();
  client = createClient(SourceService, createGrpcTransport({ baseUrl: batches.gateway.url }));
  store = scopedStore(batches.gateway.platform.store, "default");
});
afterAll(() => batches.gateway.close());

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");

async function put(
  text: string,
  fields: { tenant?: string; title?: string; labels?: string[]; fileName?: string } = {},
) {
  const sha256 = hashOf(text);
  async function* messages() {
    yield { part: { case: "description" as const, value: { sha256, ...fields } } };
    yield { part: { case: "chunk" as const, value: Buffer.from(text) } };
  }
  await client.putSource(messages());
  return sha256;
}

it("lists a tenant's sources page by page, in an order, with labels; those without a record, too", async () => {
  const tenant = "lists";
  const own = scopedStore(batches.gateway.platform.store, tenant);
  const all: string[] = [];
  for (let i = 0; i < 5; i++)
    all.push(await put("x".repeat(i + 1), { tenant, labels: i % 2 ? ["odd"] : ["even", "x"] }));
  await own.put(sourceKey(hashOf("from an earlier release")), Buffer.from("from an earlier release"));
  await own.put(sourceRecordKey("f".repeat(64)), Buffer.from("a record without bytes"));
  const pages = async (request: { labels?: string[]; orderBy?: string }) => {
    const found: string[][] = [];
    let pageToken = "";
    do {
      const page = await client.listSources({ tenant, pageSize: 2, pageToken, ...request });
      found.push(page.sources.map(({ sha256 }) => sha256));
      pageToken = page.nextPageToken;
    } while (pageToken);
    return found;
  };
  const [one, two, three, four, five] = all;
  const early = hashOf("from an earlier release");
  expect(await pages({ orderBy: "size_bytes" })).toEqual([
    [one, two],
    [three, four],
    [five, early],
  ]);
  expect(await pages({ orderBy: "size_bytes desc", labels: ["even"] })).toEqual([[five, three], [one]]);
  expect(await pages({ labels: ["none"] })).toEqual([[]]);
  expect((await pages({})).flat()).toHaveLength(6);
  expect((await client.listSources({})).sources.map(({ tenant }) => tenant)).not.toContain(tenant);
  expect(await client.getSource({ tenant, sha256: early, withoutProbe: true })).toMatchObject({
    source: { fileName: "", title: "", labels: [], origin: SourceOrigin.UNSPECIFIED, sizeBytes: 23n },
  });
  const first = await client.listSources({ tenant, pageSize: 1 });
  const other = client.listSources({ tenant, pageSize: 1, pageToken: first.nextPageToken, orderBy: "sha256" });
  expect(await refusal(other)).toMatchObject({ code: Code.InvalidArgument, failures: [{ field: "page_token" }] });
});

it("keeps the first record, and what later uploads and updates say about it", async () => {
  const sha256 = await put("recorded", { fileName: "first.mp4", title: "First" });
  await put("recorded", { fileName: "second.mp4", labels: ["again"] });
  expect(await client.getSource({ sha256, withoutProbe: true })).toMatchObject({
    source: { fileName: "first.mp4", title: "First", labels: ["again"], origin: SourceOrigin.CALL },
  });
  const updated = await client.updateSource({ sha256, description: "Two lines", labels: { labels: ["a", "b"] } });
  expect(updated.source).toMatchObject({ title: "First", description: "Two lines", labels: ["a", "b"] });
  await client.updateSource({ sha256, title: "", labels: {} });
  const { source } = await client.getSource({ sha256, withoutProbe: true });
  expect(source).toMatchObject({ title: "", description: "Two lines", labels: [], lastUsedAt: expect.anything() });
  const repeated = client.updateSource({ sha256, labels: { labels: ["a", "a"] } });
  expect(await refusal(repeated)).toMatchObject({ code: Code.InvalidArgument });
  const unknown = client.updateSource({ sha256: "0".repeat(64), title: "x" });
  expect(await refusal(unknown)).toMatchObject({ code: Code.NotFound });
});

it("deletes no source that a kept batch names or fetched, and remembers when its last batch was deleted", async () => {
  const [named, fetched] = [await put("named"), await put("fetched")];
  const url = "https://media.example/fetched.mp4";
  const choices = [
    { label: "a", media: { case: "source" as const, value: { location: { case: "sha256" as const, value: named } } } },
    { label: "b", media: { case: "source" as const, value: { location: { case: "url" as const, value: url } } } },
  ];
  const batch = sampleBatch({ blocks: [{ name: "v", kind: { case: "video", value: { choices } } }] });
  const { batchId = "" } = (await batches.client.submitBatch({ batch, requestId: "used" })).batch ?? {};
  await store.put(fetchedKey(batchId, hashOf(url)), Buffer.from(JSON.stringify({ sha256: fetched })));
  for (const sha256 of [named, fetched]) {
    expect(await refusal(client.deleteSource({ sha256 }))).toMatchObject({
      code: Code.FailedPrecondition,
      failures: [{ reason: expect.stringContaining(`batch ${batchId} uses it`) }],
    });
  }
  expect(await store.head(sourceRemovalKey(named))).toBeUndefined();
  expect(await client.getSource({ sha256: named, withoutProbe: true })).toMatchObject({ usedBy: [batchId] });
  await batches.client.cancelBatch({ batchId });
  const finished = async () => (await batches.client.getBatch({ batchId })).batch?.finishedAt !== undefined;
  await expect.poll(finished, PATIENT).toBe(true);
  await batches.client.deleteBatch({ batchId });
  const { source } = await client.getSource({ sha256: fetched, withoutProbe: true });
  expect(source?.lastUsedAt).toBeDefined();
  for (const sha256 of [named, fetched]) await client.deleteSource({ sha256 });
  expect(await refusal(client.getSource({ sha256: named }))).toMatchObject({ code: Code.NotFound });
});

it("answers no upload as known while its source is removed, unless the removal was killed", async () => {
  const sha256 = await put("removed");
  await store.put(sourceRemovalKey(sha256), Buffer.from("now"));
  expect(await refusal(put("removed"))).toMatchObject({ code: Code.Unavailable });
  const { utimes } = await import("node:fs/promises");
  const file = `${batches.gateway.config.store.address}/tenants/default/${sourceRemovalKey(sha256)}`;
  await utimes(file, new Date(), new Date(Date.now() - 10 * 60_000));
  expect(await put("removed")).toBe(sha256);
});
