import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Code, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { UsageService } from "@polyreel/contract";
import { openRecords } from "@polyreel/platform/stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gatewayDefaults } from "../config.js";
import { JobClient } from "../jobs/testing/job-client.js";
import { type Gateway, startGateway } from "../service.js";
import { batchClient, PATIENT, refusal } from "../testing/batch-gateway.js";
import { type RunningGateway, runGateway } from "../testing/running-gateway.js";
import { sampleBatch } from "../testing/sample-batch.js";
import { assertFits } from "./assert-fits.js";
import { quotasFormat } from "./quotas-file.js";

const NOW = new Date("2026-11-30T18:48:00Z");

describe("quotas", () => {
  const asked = (adds: object) => ({ tenant: "acme", adds, field: "batch" });
  const refusalOf = (quotas: object, used: object, adds: object, reserved = {}) => {
    try {
      assertFits(quotas, { used, reserved }, asked(adds), NOW);
      return undefined;
    } catch (error) {
      return error;
    }
  };

  it.each([
    [{}, {}, { liveBatches: 1 }],
    [{ liveBatches: 2 }, { liveBatches: 1 }, { liveBatches: 1 }],
    [{ combinationsPerDay: 10 }, { combinationsPerDay: 4 }, { combinationsPerDay: 6 }],
    [{ encodeSecondsPerMonth: 10 }, { encodeSecondsPerMonth: 9.9 }, {}],
    [{ combinationsPerDay: 0 }, {}, { combinationsPerDay: 0 }],
  ])("%j have room beside %j for %j", (quotas, used, adds) => {
    expect(refusalOf(quotas, used, adds)).toBeUndefined();
  });

  it.each([
    [
      { liveBatches: 1 },
      { liveBatches: 1 },
      { liveBatches: 1 },
      'Tenant "acme" has used 1 of its 1 live batches (quota liveBatches).',
      30_000,
    ],
    [
      { combinationsPerDay: 1000 },
      { combinationsPerDay: 990 },
      { combinationsPerDay: 11 },
      'Tenant "acme" has used 990 of its 1,000 combinations a day, and this needs 11 more (quota combinationsPerDay).',
      (5 * 60 + 12) * 60_000,
    ],
    [
      { encodeSecondsPerMonth: 10 },
      { encodeSecondsPerMonth: 10.04 },
      {},
      'Tenant "acme" has used 10 of its 10 encode seconds a month (quota encodeSecondsPerMonth).',
      (5 * 60 + 12) * 60_000,
    ],
  ])("%j have no room beside %j for %j", (quotas, used, adds, reason, retryAfterMs) => {
    expect(refusalOf(quotas, used, adds)).toMatchObject({
      code: "exhausted",
      retryAfterMs,
      failure: { reason, field: "" },
    });
  });

  it("count what is reserved as used, and ask to wait for it where that suffices", () => {
    const quotas = { encodeSecondsPerMonth: 100 };
    const [used, reserved] = [{ encodeSecondsPerMonth: 30 }, { encodeSecondsPerMonth: 60 }];
    expect(refusalOf(quotas, used, { encodeSecondsPerMonth: 10 }, reserved)).toBeUndefined();
    const has = 'Tenant "acme" has used 30 and reserved 60 of its 100 encode seconds a month, and this needs';
    expect(refusalOf(quotas, used, { encodeSecondsPerMonth: 11 }, reserved)).toMatchObject({
      retryAfterMs: 30_000,
      failure: {
        reason: `${has} 11 more (quota encodeSecondsPerMonth).`,
        remedy: expect.stringContaining("wait until one ends, or cancel one"),
      },
    });
    expect(refusalOf(quotas, used, { encodeSecondsPerMonth: 71 }, reserved)).toMatchObject({
      retryAfterMs: (5 * 60 + 12) * 60_000,
      failure: { reason: `${has} 71 more (quota encodeSecondsPerMonth).` },
    });
  });

  it("does not ask to wait with what never fits", () => {
    expect(refusalOf({ combinationsPerDay: 10 }, {}, { combinationsPerDay: 11 })).toMatchObject({
      retryAfterMs: undefined,
      failure: { field: "batch", reason: expect.stringContaining("may have 10 combinations a day") },
    });
  });

  it("are read from a file, and mistakes are named", () => {
    const file = '"*": {liveBatches: 2}\n1st-tenant: {storedBytes: 50GB, uploadBytesPerDay: 1000}\n';
    expect(quotasFormat.parse("q.yaml", file)).toEqual(
      new Map([
        ["*", { liveBatches: 2 }],
        ["1st-tenant", { storedBytes: 50e9, uploadBytesPerDay: 1000 }],
      ]),
    );
    const wrong = "a_b: {}\nacme: {liveBatch: 1, storedBytes: many, combinationsPerDay: -1}\n";
    const problems = [
      /yaml:1: a_b: .*Write the name of a tenant/,
      /yaml:2: acme.liveBatch: There is no such field. Did you mean "liveBatches"\?/,
      /yaml:2: acme.combinationsPerDay: It can't be that. Write a whole number >= 0/,
      /yaml:2: acme.storedBytes: It can't be that. Write a size as in 50GB/,
    ];
    for (const problem of problems) expect(() => quotasFormat.parse("q.yaml", wrong)).toThrow(problem);
  });
});

describe("two gateways with quotas", () => {
  let folder: string;
  let first: RunningGateway;
  let second: Gateway;
  /** Request ids of batches that were let pass. */
  const accepted: string[] = [];
  const batchOf = (tenant: string) => sampleBatch({ tenant });
  const other = () => batchClient(`http://127.0.0.1:${second.port}`);
  const usageOf = async (tenant: string) => {
    const { getUsage } = createClient(UsageService, createConnectTransport({ baseUrl: first.url, httpVersion: "1.1" }));
    return (await getUsage({ tenant })).usage[0];
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "polyreel-quotas-"));
    const quotasFile = join(folder, "quotas.yaml");
    const quotas =
      "live: {liveBatches: 7}\nsingle: {liveBatches: 1}\npatient: {liveBatches: 1, combinationsPerDay: 5}\ndaily: {combinationsPerDay: 20}\nuploads: {uploadBytesPerDay: 1000}\n";
    await writeFile(quotasFile, quotas);
    first = await runGateway({ quotasFile, jobs: { ...gatewayDefaults.jobs, enabled: true } });
    second = await startGateway(first.config);
  });
  afterAll(async () => {
    await second?.close();
    await first?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("never let more pass than there is room for, however many come at once", async () => {
    const clients = [batchClient(first.url), other()];
    const submit = (tenant: string, i: number) =>
      clients[i % 2]?.submitBatch({ batch: batchOf(tenant), requestId: `${tenant} ${i}` }).then(
        () => {
          accepted.push(`${tenant} ${i}`);
          return "accepted";
        },
        (error: unknown) => /quota (\w+)/.exec(String(error))?.[1] ?? String(error),
      );
    const outcomes = await Promise.all(
      ["live", "daily"].map((tenant) => Promise.all(Array.from({ length: 100 }, (_, i) => submit(tenant, i)))),
    );
    const tally = outcomes.map((all) =>
      Object.fromEntries([...new Set(all)].map((one) => [one, all.filter((x) => x === one).length])),
    );
    // Four combinations a batch.
    expect(tally).toEqual([
      { accepted: 7, liveBatches: 93 },
      { accepted: 5, combinationsPerDay: 95 },
    ]);
  }, 60_000);

  it("answer what was accepted, and let the next pass when one has ended", async () => {
    const client = batchClient(first.url);
    const listed = await client.listBatches({ tenant: "live" });
    const [batch] = listed.batches;
    const again = await other().submitBatch({
      batch: batchOf("live"),
      requestId: accepted.find((id) => id.startsWith("live")) ?? "",
    });
    expect(listed.batches.map(({ batchId }) => batchId)).toContain(again.batch?.batchId);
    expect(await refusal(other().submitBatch({ batch: batchOf("live"), requestId: "next" }))).toMatchObject({
      code: Code.ResourceExhausted,
      failures: [{ reason: 'Tenant "live" has used 7 of its 7 live batches (quota liveBatches).' }],
    });
    await client.cancelBatch({ batchId: batch?.batchId ?? "" });
    await other().submitBatch({ batch: batchOf("live"), requestId: "next" });
    await client.submitBatch({ batch: batchOf("unlimited"), requestId: "u" });
  });

  it("count a place whose gateway died for a minute", async () => {
    const records = await openRecords(first.platform.stream, "polyreel-quotas", "Quotas");
    const reserved = (ageMs: number) => {
      const lost = { batchId: "lost", run: 1, combinations: 1, batches: 1, atMs: Date.now() - ageMs };
      return records.change("batches.single", () => JSON.stringify([lost]));
    };
    const submit = () => other().submitBatch({ batch: batchOf("single"), requestId: "single" });
    await reserved(5_000);
    expect((await refusal(submit())).message).toMatch(/has used 1 of its 1 live batches/);
    await reserved(61_000);
    await submit();
    expect(JSON.parse((await records.read("batches.single")) ?? "")).toMatchObject([{ run: 1, combinations: 4 }]);
  });

  it("let jobs wait for room, and refuse those that never fit", async () => {
    const jobs = await JobClient.connect(first.nats.url);
    const jobOf = (labels: readonly string[]) => {
      const source = { sha256: "a".repeat(64) };
      return {
        name: "job",
        blocks: [{ name: "hook", video: { choices: labels.map((label) => ({ label, source })) } }],
      };
    };
    const submit = (jobId: string, labels: readonly string[]) =>
      jobs.submit({ job_id: jobId, batch: jobOf(labels) }, "polyreel-jobs.patient.submit");
    const statesOf = (jobId: string) => jobs.statesOf(jobId, "polyreel-jobs.patient");
    const client = batchClient(first.url);
    const { batch } = await client.submitBatch({ batch: batchOf("patient"), requestId: "before" });
    await submit("waits", ["a"]);
    await submit("too large", ["a", "b", "c", "d", "e", "f"]);
    await expect
      .poll(() => statesOf("too large"), PATIENT)
      .toMatchObject([{ status: "failed", error: { detail: expect.stringContaining("This needs 6") } }]);
    expect(statesOf("waits")).toEqual([]);
    await client.cancelBatch({ batchId: batch?.batchId ?? "" });
    await expect.poll(() => statesOf("waits").length, PATIENT).toBeGreaterThan(0);
    await jobs.close();
  });

  it("give back what a cancelled batch did not make", async () => {
    const client = batchClient(first.url);
    const [batch] = (await client.listBatches({ tenant: "daily" })).batches;
    await client.cancelBatch({ batchId: batch?.batchId ?? "" });
    await client.submitBatch({ batch: batchOf("daily"), requestId: "after" });
    await refusal(client.submitBatch({ batch: batchOf("daily"), requestId: "after that" }));
    expect(await usageOf("daily")).toMatchObject({
      batches: 6n,
      combinationsToday: 20n,
      quotas: { combinationsPerDay: 20n },
    });
  });

  it("count uploads of every kind, and refuse what is too much before or while it arrives", async () => {
    const put = (bytes: number, url = first.url, tenant = "uploads") =>
      fetch(`${url}/sources/a.bin?tenant=${tenant}`, { method: "PUT", body: Buffer.alloc(bytes, bytes) });
    expect((await put(600)).status).toBe(201);
    const refused = await put(500, `http://127.0.0.1:${second.port}`);
    expect([refused.status, await refused.json()]).toMatchObject([
      429,
      {
        failure: {
          reason: expect.stringContaining("has used 600 of its 1,000 uploaded bytes a day, and this needs 500"),
        },
      },
    ]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await put(1001)).status).toBe(413);
    // Of a form nobody knows the size.
    const form = new FormData();
    form.append("file", new Blob([Buffer.alloc(300)]), "b.bin");
    const posted = await fetch(`${first.url}/sources?tenant=uploads`, { method: "POST", body: form });
    expect(posted.status).toBe(201);
    const upload = (length: number) =>
      fetch(`${first.url}/uploads`, {
        method: "POST",
        headers: { "Tus-Resumable": "1.0.0", "Upload-Length": String(length), "Polyreel-Tenant": "uploads" },
      });
    expect((await upload(200)).status).toBe(429);
    const begun = await upload(50);
    expect(begun.status).toBe(201);
    const sent = await fetch(new URL(begun.headers.get("location") ?? "", first.url), {
      method: "PATCH",
      headers: {
        ...{ "Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream" },
        "Polyreel-Tenant": "uploads",
      },
      body: Buffer.alloc(50, 7),
    });
    expect(sent.status).toBe(204);
    await expect
      .poll(async () => {
        const { uploads = 0n, uploadBytes = 0n } = (await usageOf("uploads")) ?? {};
        return [uploads, uploadBytes];
      }, PATIENT)
      .toEqual([3n, 950n]);
    // Another tenant has room, and is counted, too.
    expect((await put(5000, first.url, "others")).status).toBe(201);
    await expect.poll(async () => (await usageOf("others"))?.uploadBytes, PATIENT).toBe(5000n);
    expect((await usageOf("others"))?.storedBytes).toBeGreaterThanOrEqual(5000n);
  });
});
