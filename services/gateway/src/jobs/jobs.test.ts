import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { AuditService, BatchState, FailureCode } from "@polyreel/contract";
import { readSpecification } from "@polyreel/pipeline";
import { scopedStore } from "@polyreel/platform/blobs";
import { followFacts, lastFact } from "@polyreel/platform/stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { batchIdOf } from "../batches/batch-id.js";
import { gatewayDefaults } from "../config.js";
import { startGateway } from "../service.js";
import { batchClient, PATIENT } from "../testing/batch-gateway.js";
import { type RunningGateway, runGateway } from "../testing/running-gateway.js";
import { JobClient } from "./testing/job-client.js";

const LIVE = 6;
let gateway: RunningGateway;
let client: JobClient;
let folder: string;

const SHA = "a".repeat(64);
const batchOf = (label = "a", name = "sample") => ({
  name,
  blocks: [{ name: "hook", video: { choices: [{ label, source: { sha256: SHA } }] } }],
});
const idOf = (jobId: string, tenant = "default") => batchIdOf(tenant, `job:${jobId}`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-jobs-"));
  await mkdir(join(folder, "tenants/acme"), { recursive: true });
  await writeFile(join(folder, "film.mp4"), "film");
  await writeFile(join(folder, "tenants/acme/own.mp4"), "own");
  await writeFile(join(folder, "empty.mp4"), "");
  await symlink("/etc/hostname", join(folder, "link.mp4"));
  gateway = await runGateway({
    jobs: { ...gatewayDefaults.jobs, enabled: true, input: folder, output: "results", live: LIVE },
    ackWaitMs: 2000,
  });
  client = await JobClient.connect(gateway.nats.url);
});
afterAll(async () => {
  await client?.close();
  await gateway?.close();
  await rm(folder, { recursive: true, force: true });
});

/** What the other services would publish of a batch of one combination. */
async function deliver(batchId: string): Promise<void> {
  const { publisher } = gateway.platform;
  await publisher.publish("batch.planned", { batchId, combinations: 1n }, { id: "plan" });
  const combination = { combinationId: "c0", ordinal: 0n, attempt: 1 };
  await publisher.publish("combination.delivered", { batchId, ...combination, path: "results/a.mp4" }, { id: "c0" });
}

const states = (jobId: string, root?: string) => client.statesOf(jobId, root).map(({ status }) => status);
const specificationOf = async (jobId: string, tenant = "default") => {
  const submitted = await lastFact(gateway.platform.stream, "batch.submitted", idOf(jobId, tenant));
  return submitted && readSpecification(scopedStore(gateway.platform.store, tenant), submitted.fact);
};

describe("a job", () => {
  it("becomes a batch, and is answered with its progress and its outcome", async () => {
    const jobId = "spring/1 ü";
    await client.submit({ job_id: jobId, batch: batchOf() });
    const accepted = { job_id: jobId, batch_id: idOf(jobId), status: "processing", progress: 0 };
    await expect.poll(() => client.statesOf(jobId), PATIENT).toEqual([accepted]);
    const { listAuditLog } = createClient(AuditService, createGrpcTransport({ baseUrl: gateway.url }));
    const recorded = async () => (await listAuditLog({ object: idOf(jobId) })).entries;
    const [who, requestId] = [{ kind: "broker" }, jobId];
    await expect.poll(recorded, PATIENT).toMatchObject([{ principal: who, action: "job", outcome: "ok", requestId }]);
    await deliver(idOf(jobId));
    await expect
      .poll(() => client.statesOf(jobId).at(-1), PATIENT)
      .toEqual({
        ...{ job_id: jobId, batch_id: idOf(jobId), status: "completed", progress: 100, delivered: 1, failed: 0 },
        outputs: [{ name: "video", path: "results/a.mp4" }],
      });
  });

  it("is one batch however often it is published, and a finished one is answered with its outcome again", async () => {
    const job = { job_id: "twice", batch: batchOf() };
    await client.submit(job);
    await client.submit(job);
    await expect.poll(() => states("twice"), PATIENT).toEqual(["processing", "processing"]);
    await deliver(idOf("twice"));
    await expect.poll(() => states("twice").at(-1), PATIENT).toBe("completed");
    const before = states("twice").length;
    await client.submit(job);
    await expect.poll(() => states("twice").slice(before), PATIENT).toEqual(["completed"]);
  });

  it("may be a batch file in YAML", async () => {
    const yaml = `name: yaml\nblocks:\n  - name: hook\n    video: {choices: [{source: {sha256: ${SHA}}}]}\n`;
    await client.submit({ job_id: "yaml", batch: yaml });
    await expect.poll(() => states("yaml"), PATIENT).toEqual(["processing"]);
    expect(await specificationOf("yaml")).toMatchObject({ name: "yaml" });
    await deliver(idOf("yaml"));
  });

  it.each([
    ["results/poster.jpg", "thumbnail"],
    ["deep/er/frames.sheet.jpg", "contactSheet"],
    ["sound.m4a", "audio"],
    ["sound.mp3", "audio"],
    ["web.mp4", "transcode"],
    ["open.webm", "transcode"],
    ["about.json", "metadata"],
  ])("on a file gives exactly %s, by %s", async (key, operation) => {
    const jobId = `file ${key}`;
    await client.submit({ job_id: jobId, input_key: "film.mp4", output_key: key });
    await expect.poll(() => states(jobId), PATIENT).toEqual(["processing"]);
    expect(await specificationOf(jobId)).toMatchObject({
      name: "",
      outputs: [
        { as: key, operation: { case: operation }, to: [{ kind: { value: { path: "results", destination: "" } } }] },
      ],
    });
    await deliver(idOf(jobId));
  });

  it("takes its input from a URL, from a bucket, from the store, or from the tenant's folder", async () => {
    const inputs = { url: "https://media.example/a.mp4", object: "s3://footage/a.mp4", hash: SHA, file: "film.mp4" };
    for (const [name, input_key] of Object.entries(inputs)) {
      await client.submit({ job_id: `from ${name}`, input_key, output_key: "a.jpg" });
      await expect.poll(() => states(`from ${name}`), PATIENT).toEqual(["processing"]);
      const [block] = (await specificationOf(`from ${name}`))?.blocks ?? [];
      const [choice] = block?.kind.case === "input" ? block.kind.value.choices : [];
      const location = choice?.source?.location;
      if (name === "url") expect(location).toEqual({ case: "url", value: inputs.url });
      if (name === "object") expect(location).toEqual({ case: "url", value: inputs.object });
      if (name === "hash") expect(location).toEqual({ case: "sha256", value: SHA });
      if (name === "file") {
        const sha256 = location?.case === "sha256" ? location.value : "";
        expect(await scopedStore(gateway.platform.store, "default").head(`sources/${sha256}`)).toMatchObject({
          sizeBytes: 4,
        });
      }
      await deliver(idOf(`from ${name}`));
    }
    await client.submit({ job_id: "own", input_key: "own.mp4", output_key: "a.jpg" }, "polyreel-jobs.acme.submit");
    await expect.poll(() => states("own", "polyreel-jobs.acme"), PATIENT).toEqual(["processing"]);
    expect(await specificationOf("own", "acme")).toMatchObject({ tenant: "acme" });
    expect(states("own")).toEqual([]);
  });

  it.each([
    ["gone.mp4", "does not exist"],
    ["empty.mp4", "is empty"],
    ["link.mp4", "leads out"],
    ["../film.mp4", "no path below"],
    ["/etc/hostname", "no path below"],
    ["a/../film.mp4", "no path below"],
    ["tenants/acme/own.mp4", "no path below"],
    [".", "no path below"],
  ])("with the input %s fails with the reason", async (input_key, reason) => {
    const jobId = `bad ${input_key}`;
    await client.submit({ job_id: jobId, input_key, output_key: "a.jpg" });
    await expect.poll(() => states(jobId), PATIENT).toEqual(["processing"]);
    const [block] = (await specificationOf(jobId))?.blocks ?? [];
    const [choice] = block?.kind.case === "input" ? block.kind.value.choices : [];
    expect(choice?.source?.location).toEqual({ case: "unreadable", value: expect.stringContaining(reason) });
    const { publisher } = gateway.platform;
    const batchId = idOf(jobId);
    const failure = { block: "input", choice: "input", reason: "It is unreadable.", code: FailureCode.SOURCE_INVALID };
    await publisher.publish("batch.planned", { batchId, combinations: 1n }, { id: "plan" });
    await publisher.publish("combination.failed", { batchId, combinationId: "c0", attempt: 1, failure }, { id: "c0" });
    await expect
      .poll(() => client.statesOf(jobId).at(-1), PATIENT)
      .toMatchObject({
        ...{ status: "failed", progress: 100, failed: 1 },
        error: { detail: expect.stringContaining("It is unreadable."), failure: { choice: "input" } },
      });
  });

  it("fails with its batch's cancellation", async () => {
    await client.submit({ job_id: "cancelled", batch: batchOf() });
    await expect.poll(() => states("cancelled"), PATIENT).toEqual(["processing"]);
    await batchClient(gateway.url).cancelBatch({ batchId: idOf("cancelled") });
    await expect
      .poll(() => client.statesOf("cancelled").at(-1), PATIENT)
      .toMatchObject({
        ...{ status: "failed", error: { detail: expect.stringContaining("cancelled") } },
      });
  });
});

describe("a message that is no job", () => {
  const malformed = () => client.received.filter(({ subject }) => subject === "polyreel-jobs.progress.malformed");

  it.each([
    ["{", "no JSON"],
    ["[]", "no JSON object"],
    [new Uint8Array([0xff, 0xfe]), "no JSON"],
    [{}, "has no id"],
    [{ job_id: 7 }, "no id of a job"],
    [{ job_id: "" }, "no id of a job"],
    [{ job_id: "x".repeat(181) }, "no id of a job"],
    [{ job_id: "a\u0000b" }, "no id of a job"],
  ])("without a readable id, like %j, is answered where no job is", async (job, reason) => {
    const before = malformed().length;
    await client.submit(job);
    await expect
      .poll(
        () =>
          malformed()
            .slice(before)
            .map(({ state }) => state),
        PATIENT,
      )
      .toEqual([
        {
          status: "failed",
          progress: 0,
          error: expect.objectContaining({ status: 400, detail: expect.stringContaining(reason) }),
        },
      ]);
  });

  it.each([
    [
      { input_key: "film.mp4", output_key: "a.mp4", transcode_options: "videoconvert ! x264enc" },
      "transcode_options",
      "GStreamer",
    ],
    [{ input_key: "film.mp4", output_key: "a.exe" }, "output_key", "No operation"],
    [{ input_key: "film.mp4", output_key: "path/to/output" }, "output_key", "No operation"],
    [{ input_key: "film.mp4", output_key: "../a.jpg" }, "outputs[0].as", "no path below"],
    [{ input_key: "film.mp4", output_key: "/a.jpg" }, "outputs[0].as", "no path below"],
    [{ input_key: "film.mp4", output_key: "tenants/acme/a.jpg" }, "outputs[0].as", "other tenants"],
    [{ input_key: "film.mp4", output_key: "{input}.jpg" }, "output_key", "no braces"],
    [{ input_key: "film.mp4" }, "output_key", "neither"],
    [{ output_key: "a.jpg" }, "input_key", "neither"],
    [{ input_key: 7, output_key: "a.jpg" }, "input_key", "no key"],
    [{ batch: batchOf(), output_key: "a.jpg" }, "output_key", "has no keys"],
    [{ batch: batchOf(), priority: 7 }, "priority", "no such field"],
    [{ batch: 7 }, "batch", ""],
    [{ batch: "a: [" }, "batch", ""],
    [{ batch: { blocks: [{ name: "hook", vidio: {} }] } }, "blocks[0].vidio", "video"],
    [{ batch: { ...batchOf(), tenant: "acme" } }, "batch.tenant", "another one"],
  ])("but has an id, like %j, is answered under it", async (job, field, reason) => {
    const jobId = `wrong ${JSON.stringify(job)}`.slice(-180);
    await client.submit({ job_id: jobId, ...job });
    await expect
      .poll(() => client.statesOf(jobId), PATIENT)
      .toEqual([
        {
          ...{ job_id: jobId, status: "failed", progress: 0 },
          error: expect.objectContaining({
            detail: expect.stringContaining(reason),
            failure: expect.objectContaining({ field }),
          }),
        },
      ]);
  });

  it("is kept for a look, with the reason", async () => {
    await client.submit("not a job");
    const last = () =>
      client.request("$JS.API.STREAM.MSG.GET.POLYREEL_JOBS_REJECTED", { last_by_subj: "polyreel-jobs.rejected" });
    const kept = async () =>
      ((await last()).message as { data: string; hdrs: string } | undefined) ?? { data: "", hdrs: "" };
    await expect.poll(async () => Buffer.from((await kept()).data, "base64").toString(), PATIENT).toBe("not a job");
    expect(Buffer.from((await kept()).hdrs, "base64").toString()).toMatch(
      /Polyreel-Subject: polyreel-jobs\.submit\r\nPolyreel-Reason: The message is no JSON\./,
    );
  });

  it("is another job under a used id: the first one's clients get nothing of it", async () => {
    await client.submit({ job_id: "used", batch: batchOf() });
    await expect.poll(() => states("used"), PATIENT).toEqual(["processing"]);
    const before = malformed().length;
    await client.submit({ job_id: "used", batch: batchOf("b") });
    await expect
      .poll(
        () =>
          malformed()
            .slice(before)
            .map(({ state }) => state),
        PATIENT,
      )
      .toEqual([
        expect.objectContaining({ job_id: "used", status: "failed", error: expect.objectContaining({ status: 409 }) }),
      ]);
    expect(states("used")).toEqual(["processing"]);
    await deliver(idOf("used"));
  });

  it("has a subject without a tenant's name", async () => {
    await client.submit({ job_id: "a", batch: batchOf() }, "polyreel-jobs.ACME.submit");
    await expect
      .poll(() => malformed().at(-1)?.state, PATIENT)
      .toMatchObject({ error: { detail: expect.stringContaining("no tenant") } });
  });
});

describe("thousands of jobs", () => {
  it("are at work few at a time, delay no other tenant's and no call, and are all done", async () => {
    const count = 300;
    const acme = (i: number) => `many ${i}`;
    for (let i = 0; i < count; i++)
      client.publish({ job_id: acme(i), batch: batchOf("a", "many") }, "polyreel-jobs.many.submit");
    await client.flush();
    const at = Date.now();
    await client.submit({ job_id: "alone", batch: batchOf() }, "polyreel-jobs.few.submit");
    await expect.poll(() => states("alone", "polyreel-jobs.few"), PATIENT).toEqual(["processing"]);
    expect(Date.now() - at).toBeLessThan(10_000);
    const live = async () =>
      (
        await batchClient(gateway.url).listBatches({
          tenant: "many",
          states: [BatchState.PLANNING, BatchState.RUNNING],
        })
      ).batches.length;
    await expect.poll(live, PATIENT).toBe(LIVE);
    await sleep(500);
    expect(await live()).toBe(LIVE);

    const stop = new AbortController();
    const delivering = (async () => {
      const subject = "polyreel.batch.submitted.*";
      for await (const { name, fact, batchId } of followFacts(gateway.platform.stream, {
        subject,
        signal: stop.signal,
      }))
        if (name === "batch.submitted" && fact.tenant === "many") await deliver(batchId);
    })();
    const done = () => Array.from({ length: count }, (_, i) => states(acme(i), "polyreel-jobs.many").at(-1));
    await expect.poll(() => done().filter((status) => status === "completed").length, { timeout: 60_000 }).toBe(count);
    stop.abort();
    await delivering;
  }, 90_000);
});

describe("a gateway that closes", () => {
  it("leaves the outcome to the next one", async () => {
    await client.submit({ job_id: "handed over", batch: batchOf() });
    await expect.poll(() => states("handed over"), PATIENT).toEqual(["processing"]);
    await gateway.closeGateway();
    await deliver(idOf("handed over"));
    await client.submit({ job_id: "meanwhile", batch: batchOf() });
    const next = await startGateway(gateway.config);
    try {
      await expect.poll(() => states("handed over").at(-1), PATIENT).toBe("completed");
      await expect.poll(() => states("meanwhile").at(-1), PATIENT).toBe("processing");
    } finally {
      await next.close();
    }
  });
});
