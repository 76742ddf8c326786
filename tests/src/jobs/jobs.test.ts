import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { jetstream } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { probe } from "@polyreel/media/probe";
import { type NatsServer, startNatsServer } from "@polyreel/platform/stream";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, type TestContext } from "vitest";
import { makeFootage } from "../testing/media.js";
import { type Pipeline, type ServiceProcess, startPipeline } from "../testing/pipeline.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const CLIENTS = join(ROOT, "docs/clients/jobs");
/** Installed by the set-up for tests (scripts/setup/api-clients.mjs). */
const PYTHON_PACKAGES = join(ROOT, ".programs/python-job");
const WITHIN = { timeout: 120_000, interval: 100 };

const guide = await readFile(join(ROOT, "docs/guide/jobs.md"), "utf8");
let pipeline: Pipeline;
let gateway: ServiceProcess;
let inputs: string;
let client: NatsConnection;
const states = new Map<string, Record<string, unknown>[]>();

beforeAll(async () => {
  inputs = await mkdtemp(join(tmpdir(), "polyreel-inputs-"));
  await mkdir(join(inputs, "media"));
  await makeFootage(inputs, "hook-a.mp4", { seconds: 0.4, size: "160x90" });
  for (const name of ["hook-a.mp4", "hook-b.mp4", "body-demo.mp4"])
    await makeFootage(join(inputs, "media"), name, { seconds: 0.3, size: "160x90", sound: false });
  pipeline = await startPipeline({
    ...{ POLYREEL_JOBS: "on", POLYREEL_JOBS_INPUT: inputs, POLYREEL_JOBS_LIVE: "8", POLYREEL_ACK_WAIT_SECONDS: "3" },
  });
  ({ gateway } = pipeline.services);
  client = await connect({ servers: pipeline.nats.url });
  client.subscribe("polyreel-jobs.progress.*", {
    callback: (_, message) => {
      const state = message.json<Record<string, unknown>>();
      const id = String(state.job_id);
      states.set(id, [...(states.get(id) ?? []), state]);
    },
  });
});
afterAll(async () => {
  await client?.close();
  await pipeline?.close();
  await rm(inputs, { recursive: true, force: true });
});

const submit = (job: object) => jetstream(client).publish("polyreel-jobs.submit", JSON.stringify(job));
const last = (jobId: string) => states.get(jobId)?.at(-1);

describe("the guide's client", () => {
  let project: string;
  beforeEach(async () => {
    project = await mkdtemp(join(tmpdir(), "polyreel-job-"));
  });
  afterEach(() => rm(project, { recursive: true, force: true }));

  /** Takes a client's sources and a job of its own. */
  async function take(language: string): Promise<void> {
    await cp(join(CLIENTS, language), project, { recursive: true });
    const job = (await readFile(join(CLIENTS, "job.json"), "utf8")).replace("poster-1", `${language}/1 ü`);
    await writeFile(join(project, "job.json"), job.replace("posters/hook-a", `posters/${language}`));
  }

  /** A command of the guide, verbatim but for the server. */
  async function run(command: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
    expect(guide.split("\n")).toContain(command);
    const line = command.replace("nats://127.0.0.1:4222", pipeline.nats.url);
    const path = [join(ROOT, "node_modules/.bin"), process.env.PATH].join(delimiter);
    const options = { cwd: project, env: { ...process.env, PATH: path, ...env } };
    return (await promisify(execFile)("sh", ["-c", line], options)).stdout;
  }

  async function expectDone(language: string, printed: string): Promise<void> {
    const key = `posters/${language}.jpg`;
    expect(JSON.parse(printed.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({
      ...{ job_id: `${language}/1 ü`, status: "completed", progress: 100, delivered: 1, failed: 0 },
      outputs: [{ path: key }],
    });
    expect((await readFile(join(pipeline.out, key))).subarray(0, 2).toString("hex")).toBe("ffd8");
  }

  const skipUnless = (context: TestContext, has: boolean, reason: string) => {
    context.skip(!has, reason);
  };

  it.each([
    ["job.json", "json"],
    ["python/job.py", "python"],
    ["go/main.go", "go"],
    ["typescript/src/job.ts", "ts"],
  ])("is shown: %s", async (file, language) => {
    expect(guide).toContain(`\`\`\`${language}\n${await readFile(join(CLIENTS, file), "utf8")}\`\`\``);
  });

  it("in Python", async (context) => {
    skipUnless(context, existsSync(PYTHON_PACKAGES), "nats-py is not in .programs: `node scripts/setup.mjs --tests`");
    await take("python");
    const printed = await run("python3 job.py nats://127.0.0.1:4222 job.json", { PYTHONPATH: PYTHON_PACKAGES });
    await expectDone("python", printed);
  });

  it("in Go", async (context) => {
    const build = async () => run("go build -o job .", { GOFLAGS: "-mod=mod", GOPROXY: "off" });
    await take("go");
    const failure = await build().then(
      () => "",
      (error: Error) => error.message,
    );
    skipUnless(context, !/not found|disabled by GOPROXY/.test(failure), "Go, or its module of NATS, is not installed");
    expect(failure).toBe("");
    await expectDone("go", await run("./job nats://127.0.0.1:4222 job.json"));
  });

  it("in TypeScript", async () => {
    await take("typescript");
    const { dependencies, devDependencies } = JSON.parse(await readFile(join(project, "package.json"), "utf8"));
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      const installed = await realpath(join(ROOT, "node_modules", name));
      expect(JSON.parse(await readFile(join(installed, "package.json"), "utf8")).version).toBe(version);
      await mkdir(dirname(join(project, "node_modules", name)), { recursive: true });
      await symlink(installed, join(project, "node_modules", name));
    }
    await run("npm run build");
    await expectDone(
      "typescript",
      (await run("npm start -- nats://127.0.0.1:4222 job.json")).replace(/^\n?>.*$/gm, ""),
    );
  });
});

it("a batch file as a job makes its videos", async () => {
  const [, yaml = ""] = /```yaml\n(.*?)```/s.exec(guide) ?? [];
  const batch = yaml.replace("width: 1080, height: 1920", "width: 90, height: 160");
  await submit({ job_id: "spring-1", batch });
  await expect.poll(() => last("spring-1")?.status, WITHIN).toBe("completed");
  const { outputs, batch_id: batchId } = last("spring-1") as { outputs: { path: string }[]; batch_id: string };
  expect(outputs.map(({ path }) => path).sort()).toEqual(
    ["hook-a", "hook-b"].map((hook) => `${batchId}/${hook}_body-demo.mp4`),
  );
  const percents = states.get("spring-1")?.map(({ progress }) => progress) ?? [];
  expect(percents).toEqual([...percents].sort((a, b) => Number(a) - Number(b)));
});

it("the outcome of a job whose source is missing has the reason", async () => {
  await submit({ job_id: "gone", input_key: "gone.mp4", output_key: "gone.jpg" });
  await expect.poll(() => last("gone")?.status, WITHIN).toBe("failed");
  expect(last("gone")).toMatchObject({ error: { detail: expect.stringContaining("does not exist") }, outputs: [] });
});

it("a key that ends in .mp4 is the video in that container", async () => {
  await promisify(execFile)("ffmpeg", [
    ...["-v", "error", "-i", join(inputs, "hook-a.mp4"), "-c", "copy", join(inputs, "hook-a.mkv")],
  ]);
  await submit({ job_id: "remux", input_key: "hook-a.mkv", output_key: "web/hook-a.mp4" });
  await expect.poll(() => last("remux")?.status, WITHIN).toBe("completed");
  const { video, audio } = await probe(join(pipeline.out, "web/hook-a.mp4"), { signal: new AbortController().signal });
  expect([video?.codec, video?.width, video?.height, audio?.codec]).toEqual(["h264", 160, 90, "aac"]);
});

it("no job and no outcome is lost if the gateway is killed again and again", async () => {
  const ids = Array.from({ length: 40 }, (_, i) => `killed ${i}`);
  for (const job_id of ids)
    await submit({ job_id, input_key: "hook-a.mp4", output_key: `killed/${job_id.slice(7)}.jpg` });
  const ended = () => ids.filter((id) => last(id)?.status === "completed");
  for (const many of [1, 12, 24]) {
    await expect.poll(() => ended().length, WITHIN).toBeGreaterThanOrEqual(many);
    await gateway.kill("SIGKILL");
    await sleep(300);
    gateway = pipeline.start("gateway");
  }
  await expect.poll(() => ended().length, WITHIN).toBe(ids.length);
  for (const id of ids) expect(existsSync(join(pipeline.out, `killed/${id.slice(7)}.jpg`)), id).toBe(true);
});

describe("the guide's permissions", () => {
  let server: NatsServer;
  beforeAll(async () => {
    const [, conf = ""] = /```\n(authorization .*?)```/s.exec(guide) ?? [];
    const file = join(inputs, "nats.conf");
    await writeFile(file, conf.replace("$POLYREEL_PASSWORD", "p").replace("$SHOP_PASSWORD", "s"));
    server = await startNatsServer({ cluster: ["-c", file] });
  });
  afterAll(() => server?.close());

  const connected = (user: string, pass: string, inboxPrefix?: string) =>
    connect({ servers: server.url, user, pass, ...(inboxPrefix && { inboxPrefix }) });

  it("let a tenant's program publish its jobs and read their states, and nothing else", async () => {
    const services = await connected("polyreel", "p");
    const shop = await connected("shop", "s", "_INBOX_shop");
    try {
      const received: string[] = [];
      services.subscribe(">", { callback: (_, { subject }) => void received.push(subject) });
      const heard: string[] = [];
      const refused: unknown[] = [];
      for (const subject of ["polyreel-jobs.shop.progress.*", "polyreel-jobs.progress.*", "polyreel.>", "_INBOX.>"])
        shop.subscribe(subject, {
          callback: (error, message) => void (error ? refused.push(subject) : heard.push(message.subject)),
        });
      await shop.flush();
      for (const subject of [
        "polyreel-jobs.shop.submit",
        "polyreel-jobs.submit",
        "polyreel-jobs.other.submit",
        "polyreel.x",
      ])
        shop.publish(subject, "{}");
      await shop.flush();
      for (const subject of [
        "polyreel-jobs.shop.progress.a",
        "polyreel-jobs.progress.a",
        "polyreel.batch.submitted.b",
        "_INBOX.c",
      ])
        services.publish(subject, "{}");
      await services.flush();
      await shop.flush();
      await expect.poll(() => refused.length).toBe(3);
      expect(heard).toEqual(["polyreel-jobs.shop.progress.a"]);
      expect(received.filter((subject) => /submit$|\.x$/.test(subject))).toEqual(["polyreel-jobs.shop.submit"]);
    } finally {
      await services.close();
      await shop.close();
    }
  });
});
