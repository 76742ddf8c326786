import { createHash } from "node:crypto";
import { readdir, utimes } from "node:fs/promises";
import { join } from "node:path";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { AdminService } from "@polyreel/contract";
import { scopedStore, sourceKey, sourceRecordKey } from "@polyreel/platform/blobs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type BatchGateway, PATIENT, runBatchGateway } from "../testing/batch-gateway.js";
import { sampleBatch } from "../testing/sample-batch.js";

const DAY_MS = 86_400_000;

let batches: BatchGateway;
let admin: Client<typeof AdminService>;
beforeAll(async () => {
  batches = await runBatchGateway();
  admin = createClient(AdminService, createGrpcTransport({ baseUrl: batches.gateway.url }));
});
afterAll(() => batches.gateway.close());

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");
const put = (tenant: string, text: string) =>
  fetch(`${batches.gateway.url}/sources/${text}.mp4?tenant=${tenant}`, { method: "PUT", body: text });
const folderOf = (tenant: string) => join(batches.gateway.config.store.address, "tenants", tenant, "sources");

async function backdate(tenant: string, days: number, which = /./): Promise<void> {
  const at = new Date(Date.now() - days * DAY_MS);
  for (const name of await readdir(folderOf(tenant))) {
    if (which.test(name)) await utimes(join(folderOf(tenant), name), at, at);
  }
}

const cleanUp = (tenant: string, days: number, dryRun = false) =>
  admin.cleanUp({ sourcesUnused: durationFromMs(days * DAY_MS), dryRun, whose: { case: "tenant", value: tenant } });

it("removes sources that were not used for long enough, with all that was recorded of them", async () => {
  const tenant = "unused";
  for (const name of ["old", "new", "again"]) await put(tenant, name);
  await backdate(tenant, 40, new RegExp(`${hashOf("old")}|${hashOf("again")}`));
  await put(tenant, "again"); // Known, and thereby used.
  const store = scopedStore(batches.gateway.platform.store, tenant);
  await store.put(`probes/${hashOf("old")}/1`, Buffer.from("{}"));
  expect(await cleanUp(tenant, 41)).toMatchObject({ sources: { count: 0n } });
  expect(await cleanUp(tenant, 30, true)).toMatchObject({ sources: { count: 1n, bytes: 3n } });
  expect(await cleanUp(tenant, 30)).toMatchObject({ sources: { count: 1n, bytes: 3n } });
  expect((await readdir(folderOf(tenant))).filter((name) => name.startsWith(hashOf("old")))).toEqual([]);
  expect(await store.head(`probes/${hashOf("old")}/1`)).toBeUndefined();
  for (const name of ["new", "again"]) expect(await store.head(sourceKey(hashOf(name)))).toBeDefined();
  // What came moments ago stays, however short the time.
  expect(await cleanUp(tenant, 0)).toMatchObject({ sources: { count: 0n } });
  // A record that a killed removal left.
  await store.put(sourceRecordKey(hashOf("old")), Buffer.from(""));
  await backdate(tenant, 40, new RegExp(hashOf("old")));
  expect(await cleanUp(tenant, 30)).toMatchObject({ sources: { count: 0n } });
  expect(await store.head(sourceRecordKey(hashOf("old")))).toBeUndefined();
});

it("keeps what a batch uses, running or ended, until long after its deletion", async () => {
  const tenant = "in-use";
  await put(tenant, "footage");
  await backdate(tenant, 400);
  const source = { location: { case: "sha256" as const, value: hashOf("footage") } };
  const choices = [{ label: "a", media: { case: "source" as const, value: source } }];
  const batch = sampleBatch({ tenant, blocks: [{ name: "v", kind: { case: "video", value: { choices } } }] });
  const { batchId = "" } = (await batches.client.submitBatch({ batch, requestId: "in use" })).batch ?? {};
  const removed = async () => (await cleanUp(tenant, 30)).sources?.count;
  expect(await removed()).toBe(0n);
  await batches.client.cancelBatch({ batchId });
  const finished = async () => (await batches.client.getBatch({ batchId })).batch?.finishedAt !== undefined;
  await expect.poll(finished, PATIENT).toBe(true);
  expect(await removed()).toBe(0n);
  await batches.client.deleteBatch({ batchId });
  expect(await removed()).toBe(0n); // It was used until now.
  await backdate(tenant, 31);
  expect(await removed()).toBe(1n);
});
