import { execFile } from "node:child_process";
import { createReadStream } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { create } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import { connect, nkeyAuthenticator } from "@nats-io/transport-node";
import { BatchSchema, BatchState, CanvasSchema, OutputSchema, Overrun, ReworkFrom } from "@polyreel/contract";
import { type NatsServer, startNatsServer } from "@polyreel/platform/stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import { endOfRun, resumed } from "./rework/runs.js";
import { type Ended, endOf, runBatch, submit } from "./testing/batches.js";
import { footage, text, video, voice } from "./testing/blocks.js";
import { makeFootage, put } from "./testing/media.js";
import { type Pipeline, type ServiceName, type ServiceProcess, startPipeline } from "./testing/pipeline.js";

// The services as the guide's page runs them: each with its own key and certificate, and with its rights only.

const COMMAND = fileURLToPath(new URL("../../cli/bin/polyreel.mjs", import.meta.url));
const WITHIN = { timeout: 60_000, interval: 50 };

let config: string;
let nats: NatsServer;
let pipeline: Pipeline;
let clips: string[];
let first: Ended;
/** Services that were started again. */
const started: ServiceProcess[] = [];
/** Files that the source server has, by path. */
const served: Record<string, string> = {};
const web = createServer(({ url = "" }, response) => {
  const file = served[url];
  if (file) createReadStream(file).pipe(response);
  else response.writeHead(404).end();
});
const at = (path: string) => `http://127.0.0.1:${(web.address() as AddressInfo).port}${path}`;

const startNats = (port?: number) =>
  startNatsServer({ configuration: join(config, "nats-server.conf"), ...(port !== undefined && { port }) });
const filesOf = (user: string) => ({
  POLYREEL_NATS_NKEY_FILE: join(config, `users/${user}.nk`),
  POLYREEL_NATS_CA: join(config, "tls/ca.pem"),
  POLYREEL_NATS_CERT: join(config, `tls/${user}.pem`),
  POLYREEL_NATS_KEY: join(config, `tls/${user}-key.pem`),
});

beforeAll(async () => {
  await new Promise<void>((listening) => web.listen(0, "127.0.0.1", listening));
  config = await mkdtemp(join(tmpdir(), "polyreel-nats-users-"));
  const args = ["nats-config", "--out", config, "--tls", "--jobs", "shop"];
  await promisify(execFile)(process.execPath, [COMMAND, ...args]);
  await mkdir(join(config, "media/tenants/shop"), { recursive: true });
  nats = await startNats();
  const env = { POLYREEL_JOBS: "on", POLYREEL_JOBS_INPUT: join(config, "media"), POLYREEL_ACK_WAIT_SECONDS: "3" };
  pipeline = await startPipeline(
    { ...env, POLYREEL_FETCH_ALLOW: "127.0.0.1" },
    { nats, own: (name: ServiceName) => filesOf(name) },
  );
  const made = ["a", "b"].map((name, i) =>
    makeFootage(join(config, "media"), `${name}.mp4`, { seconds: 0.3 + i / 10, size: "160x90" }),
  );
  await copyFile((await made[0]) ?? "", join(config, "media/tenants/shop/a.mp4"));
  clips = await Promise.all(made.map(async (path) => put(pipeline, await path)));
});
afterAll(async () => {
  await pipeline?.close();
  await nats?.close();
  web.close();
  await rm(config, { recursive: true, force: true });
});

const hooks = () => video("hook", { choices: clips.map((sha256, i) => footage(`${i}`, sha256)) });
const remote = (label: string) => ({
  label,
  media: { case: "source" as const, value: { location: { case: "url" as const, value: at(`/${label}.mp4`) } } },
});

it("a batch with uploads, voices, texts and several outputs is made, and every question answered", async () => {
  const { batches, voices, sources, destinations } = pipeline;
  const blocks = [
    hooks(),
    voice("say", { overrun: Overrun.EXTEND, choices: [{ text: "Hello" }, { label: "nothing" }] }),
    text("headline", { choices: [{ text: "Now" }] }),
    video("end", { choices: [footage("b", clips[1] ?? ""), remote("late")] }),
  ];
  const outputs = [
    create(OutputSchema, { name: "video", operation: { case: "mp4", value: {} } }),
    create(OutputSchema, { name: "poster", operation: { case: "thumbnail", value: { width: 60 } } }),
  ];
  expect((await voices.listVoices({})).voices.length).toBeGreaterThan(0);
  expect((await sources.getSource({ sha256: clips[0] ?? "" })).probe).toBeDefined();
  await destinations.listDestinations({});
  const estimate = await batches.estimateBatch({
    batch: create(BatchSchema, { canvas: create(CanvasSchema, { width: 90, height: 160 }), blocks, outputs }),
  });
  expect(estimate).toMatchObject({ combinations: 8n });
  first = await runBatch(pipeline, { name: "sale", blocks, outputs });
  expect(first.status.combinations).toMatchObject({ total: 8n, delivered: 4n, failed: 4n });
});

it("failed combinations are retried, and delivered ones replayed with rebuilt parts", async () => {
  const { batchId } = first;
  served["/late.mp4"] = join(config, "media/a.mp4");
  const retried = await endOfRun(pipeline, batchId, await resumed(pipeline.batches.retryBatch({ batchId })));
  expect(retried.status.combinations).toMatchObject({ delivered: 8n, failed: 0n });
  const replay = { batchId, from: ReworkFrom.PLANNED, forceRebuild: true };
  const replayed = await endOfRun(pipeline, batchId, await resumed(pipeline.batches.replayBatch(replay)));
  expect(replayed.status.combinations).toMatchObject({ delivered: 8n, failed: 0n });
});

it("a batch is cancelled and deleted, with its facts", async () => {
  const film = await put(pipeline, await makeFootage(pipeline.folder, "long.mp4", { seconds: 20, size: "640x360" }));
  const batchId = await submit(pipeline, { blocks: [video("long", { choices: [footage("long", film)] })] });
  await pipeline.batches.cancelBatch({ batchId });
  await expect
    .poll(async () => (await pipeline.batches.getBatch({ batchId })).batch?.finishedAt !== undefined, WITHIN)
    .toBe(true);
  await pipeline.batches.deleteBatch({ batchId });
  const gone = () =>
    pipeline.batches.getBatch({ batchId }).then(
      ({ batch }) => BatchState[batch?.state ?? 0],
      (error: unknown) => ConnectError.from(error).rawMessage,
    );
  await expect.poll(gone, WITHIN).toMatch(/There is no batch/);
});

it("a tenant's program publishes a job with its own key, and hears of it", async () => {
  const { POLYREEL_NATS_NKEY_FILE: seed, ...tls } = filesOf("jobs-shop");
  const client = await connect({
    servers: nats.url,
    inboxPrefix: "_INBOX_jobs-shop",
    authenticator: nkeyAuthenticator(Buffer.from((await readFile(seed, "utf8")).trim())),
    tls: { caFile: tls.POLYREEL_NATS_CA, certFile: tls.POLYREEL_NATS_CERT, keyFile: tls.POLYREEL_NATS_KEY },
  });
  try {
    const states: unknown[] = [];
    client.subscribe("polyreel-jobs.shop.progress.*", {
      callback: (_, message) => void states.push(message.json<{ status: string }>().status),
    });
    const job = { job_id: "poster", input_key: "a.mp4", output_key: "posters/a.jpg" };
    const answer = await client.request("polyreel-jobs.shop.submit", JSON.stringify(job), { timeout: 10_000 });
    expect(answer.json()).toMatchObject({ stream: "POLYREEL_JOBS" });
    await expect.poll(() => states.at(-1), WITHIN).toBe("completed");
  } finally {
    await client.close();
  }
});

it("a batch is completed although nats-server and services are killed meanwhile", async () => {
  const port = Number(new URL(nats.url).port);
  const film = await put(pipeline, await makeFootage(pipeline.folder, "film.mp4", { seconds: 3, size: "640x360" }));
  const blocks = [hooks(), video("film", { choices: [footage("film", film)] })];
  const batchId = await submit(pipeline, { blocks });
  const ending = endOf(pipeline, batchId, { withinSeconds: 120 });
  for (const name of ["planner", "renderer", "uploader"] as const) {
    await pipeline.services[name].kill("SIGKILL");
    started.push(pipeline.start(name));
  }
  process.kill(nats.pid, "SIGKILL");
  await nats.ended;
  await nats.close();
  nats = await startNats(port);
  expect((await ending).status.combinations).toMatchObject({ total: 2n, delivered: 2n });
});

it("no service was refused anything", () => {
  const logs = [...Object.values(pipeline.services), ...started].flatMap(({ log }) => log);
  expect(logs.filter((line) => /does not let|refuses/.test(String(line.message)))).toEqual([]);
});
