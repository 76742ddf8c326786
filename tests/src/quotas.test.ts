import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { BatchService, UsageService } from "@polyreel/contract";
import { RetryInfoSchema } from "@polyreel/contract/google/rpc/error_details_pb.js";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runBatch } from "./testing/batches.js";
import { footage, text, video } from "./testing/blocks.js";
import { makeFootage, put } from "./testing/media.js";
import { type Pipeline, startPipeline } from "./testing/pipeline.js";

const run = promisify(execFile);
const COMMAND = fileURLToPath(new URL("../../cli/dist/main.js", import.meta.url));

// acme may make two combinations a day, one batch at a time, small only little; others may do what they want.

let pipeline: Pipeline;
let quotas: string;
let film: string;

beforeAll(async () => {
  quotas = join(await mkdtemp(join(tmpdir(), "polyreel-quotas-")), "quotas.yaml");
  await writeFile(
    quotas,
    "acme: {liveBatches: 1, combinationsPerDay: 2, encodeSecondsPerMonth: 100000}\nsmall: {deliveredBytesPerMonth: 2000}\n",
  );
  pipeline = await startPipeline({ POLYREEL_QUOTAS: quotas }, { own: onDisk });
  film = await makeFootage(pipeline.folder, "film.mp4", { seconds: 0.4, size: "64x64", hertz: 300 });
});
afterAll(async () => {
  await pipeline?.close();
  if (quotas) await rm(dirname(quotas), { recursive: true });
});

/** A read model on disk, as where one bills. */
const onDisk = (name: string) => ({
  ...(name === "gateway" && { GATEWAY_DATABASE: join(dirname(quotas), "database") }),
});

const grpc = () => createGrpcTransport({ baseUrl: pipeline.url });
const connect = () => createConnectTransport({ baseUrl: pipeline.url, httpVersion: "1.1" });

async function batchOf(tenant: string, texts = ["Now", "Free"]) {
  const sha256 = await put(pipeline, film, tenant);
  return {
    tenant,
    name: "spring",
    canvas: { width: 90, height: 160 },
    blocks: [
      video("hook", { choices: [footage("film", sha256)] }),
      text("headline", { over: ["hook"], choices: texts.map((one) => ({ text: one })) }),
    ],
  };
}
const usageOf = async (tenant: string) => {
  const [usage] = (await createClient(UsageService, grpc()).getUsage({ tenant })).usage;
  return usage ?? expect.fail("There is no usage.");
};
const REASON =
  'Tenant "acme" has used 2 of its 2 combinations a day, and this needs 2 more (quota combinationsPerDay).';

it("refuses what a tenant has no room for, over every protocol, and lets others go on", async () => {
  await runBatch(pipeline, await batchOf("acme"));
  const batch = await batchOf("acme");
  for (const transport of [grpc(), connect()]) {
    const error = await createClient(BatchService, transport)
      .submitBatch({ batch, requestId: "more" })
      .catch((thrown: unknown) => ConnectError.from(thrown));
    if (!(error instanceof ConnectError)) return expect.fail("it was not refused");
    expect(error.code).toBe(Code.ResourceExhausted);
    expect(error.rawMessage).toContain(`${REASON} It is free again at midnight UTC, in `);
    const [retry] = error.findDetails(RetryInfoSchema);
    expect(Number(retry?.retryDelay?.seconds)).toBeGreaterThan(0);
    expect(Number(error.metadata.get("retry-after"))).toBeGreaterThan(0);
  }
  const form = new FormData();
  form.append("file", new Blob([await readFile(film)]), "film.mp4");
  const headers = { "polyreel-tenant": "acme" };
  const posted = await fetch(`${pipeline.url}/api/v1/media`, { method: "POST", headers, body: form });
  const { media_id } = (await posted.json()) as { media_id: string };
  const job = await fetch(`${pipeline.url}/api/v1/jobs`, {
    method: "POST",
    headers: { ...headers, "Content-Type": "application/json" },
    body: JSON.stringify({ media_id, operations: ["thumbnail"] }),
  });
  expect([job.status, Number(job.headers.get("retry-after")) > 0]).toEqual([429, true]);
  expect(await job.text()).toContain("has used 2 of its 2 combinations a day (quota combinationsPerDay)");
  // Larger than a day.
  const tooLarge = await batchOf("acme", ["a", "b", "c"]);
  await expect(pipeline.batches.submitBatch({ batch: tooLarge })).rejects.toThrow(
    /batch: This needs 3, and tenant "acme" may have 2/,
  );
  // By its estimate.
  await expect(pipeline.batches.submitBatch({ batch: await batchOf("small") })).rejects.toThrow(
    /batch: This needs [\d,]+, and tenant "small" may have 2,000 delivered bytes a month/,
  );
  const { status } = await runBatch(pipeline, await batchOf("globex", ["a", "b", "c"]));
  expect(status.combinations?.delivered).toBe(3n);
});

it("adds up what was made, and keeps it when the read model is rebuilt and the batch deleted", async () => {
  const files = await Promise.all(
    (await readdir(join(pipeline.out, "tenants/acme"), { recursive: true, withFileTypes: true }))
      .filter(({ name, parentPath }) => name.endsWith(".mp4") && !parentPath.includes(".polyreel"))
      .map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size),
  );
  expect(files).toHaveLength(2);
  const used = await usageOf("acme");
  expect(used).toMatchObject({
    ...{ batches: 1n, combinationsDelivered: 2n, combinationsFailed: 0n, combinationsToday: 2n },
    deliveredBytes: BigInt(files.reduce((sum, size) => sum + size, 0)),
    quotas: { liveBatches: 1n, combinationsPerDay: 2n, encodeSecondsPerMonth: 100_000 },
  });
  await expect.poll(async () => (await usageOf("acme")).reserved?.encodeSeconds, { timeout: 20_000 }).toBe(0);
  expect(used.encodeSeconds).toBeGreaterThan(0);
  await expect.poll(async () => (await usageOf("acme")).uploads, { timeout: 20_000 }).toBe(2n);
  expect((await usageOf("acme")).uploadBytes).toBe(2n * BigInt((await stat(film)).size));

  const estimate = async (rebuild: boolean) =>
    (await pipeline.batches.estimateBatch({ batch: await batchOf("acme"), rebuild })).encodeCoreSeconds;
  expect([await estimate(false), (await estimate(true)) > 0]).toEqual([0, true]);

  const { batches } = await pipeline.batches.listBatches({ tenant: "acme" });
  await pipeline.admin.rebuildReadModel({});
  const amounts = async () => {
    const { deliveredBytes, combinationsDelivered, encodeSeconds, batches: count } = await usageOf("acme");
    return { deliveredBytes, combinationsDelivered, encodeSeconds, count };
  };
  const { deliveredBytes, combinationsDelivered, encodeSeconds } = used;
  const before = { deliveredBytes, combinationsDelivered, encodeSeconds, count: 1n };
  expect(await amounts()).toEqual(before);
  await pipeline.batches.deleteBatch({ batchId: batches[0]?.batchId ?? "" });
  await pipeline.admin.rebuildReadModel({});
  expect(await amounts()).toEqual(before);

  const csv = Buffer.from(await (await fetch(`${pipeline.url}/usage.csv`)).arrayBuffer()).toString();
  const [header, ...rows] = csv.trimEnd().split("\r\n");
  expect(header).toMatch(/^\uFEFFmonth,tenant,batches,combinations_delivered,combinations_failed,delivered_bytes,/);
  expect(rows.map((row) => row.split(",").slice(1, 6).join(","))).toEqual([
    `acme,1,2,0,${deliveredBytes}`,
    expect.stringMatching(/^globex,1,3,0,\d+$/),
    "small,0,0,0,0",
  ]);
  expect((await fetch(`${pipeline.url}/usage.csv?month=2026-13`)).status).toBe(400);
  const command = (...flags: string[]) =>
    run(process.execPath, [COMMAND, "usage", "--server", pipeline.url, ...flags]).then(({ stdout }) => stdout);
  expect(await command("--csv")).toBe(csv);
  expect(await command("--tenant", "acme")).toMatch(
    /combinations +2 delivered.*liveBatches 1, combinationsPerDay 2 \(2 today\).*reserved +nothing/s,
  );
});
