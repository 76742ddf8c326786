import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { STREAM } from "@polyreel/contract";
import { Releasers } from "@polyreel/platform";
import { startNatsServer } from "@polyreel/platform/stream";
import { freePort, needs } from "@polyreel/platform/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { submit } from "../testing/batches.js";
import { footage, video, voice } from "../testing/blocks.js";
import { makeFootage, put } from "../testing/media.js";
import { type Pipeline, type ServiceName, startPipeline } from "../testing/pipeline.js";
import { PROMETHEUS } from "../testing/prometheus.js";
import { accelerate } from "./accelerate.js";
import { startPrometheus } from "./prometheus-server.js";
import { readRules } from "./rules.js";

/** Five minutes are a second and a half. */
const FACTOR = 200;

const releasers = new Releasers();
const ports: Record<string, number> = {};
let folder: string;
let facts: string;
let nats: Awaited<ReturnType<typeof startNatsServer>>;
let pipeline: Pipeline;
let prometheus: Awaited<ReturnType<typeof startPrometheus>>;
let clip: string;

const opsOf = (name: string) => ({ POLYREEL_OPS_PORT: String(ports[name]) });

/** A flite that hangs or crashes while there is a file of that name. */
const flite = (place: string) => `#!/bin/sh
while [ -e "${place}/hang" ]; do sleep 0.2; done
[ -e "${place}/crash" ] && kill -SEGV $$
PATH="\${PATH#*:}"
exec flite "$@"
`;

async function start(): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), "polyreel-alerts-"));
  releasers.add(() => rm(folder, { recursive: true }));
  facts = join(folder, "facts");
  await writeFile(join(folder, "flite"), flite(folder));
  await chmod(join(folder, "flite"), 0o755);
  for (const name of ["gateway", "planner", "tts", "renderer", "uploader"]) ports[name] = await freePort();
  nats = releasers.use(await startNatsServer({ folder: facts }));
  const env = { PATH: `${folder}:${process.env.PATH}`, POLYREEL_ACK_WAIT_SECONDS: "5" };
  pipeline = releasers.use(await startPipeline(env, { nats, own: (name: ServiceName) => opsOf(name) }));
  clip = await put(pipeline, await makeFootage(folder, "hook.mp4", { size: "160x90", sound: false }));
  await Promise.all(Object.values(pipeline.services).map(async (one) => one.name === "gateway" || one.logged(/ready/)));
  const { text } = await readRules();
  prometheus = releasers.use(await startPrometheus(folder, accelerate(text, FACTOR), ports));
}

let lines = 0;
/** A batch with a line that was never spoken before. */
const speak = () =>
  submit(pipeline, {
    blocks: [
      video("hook", { choices: [footage("hook", clip)] }),
      voice("say", { choices: [{ label: "line", text: `Number ${++lines}`, voice: "rms" }] }),
    ],
  });

/** Repeats an action until it is closed; what fails is part of the fault. */
function repeating(action: () => Promise<unknown>, ms: number) {
  const timer = setInterval(() => void action().catch(() => {}), ms);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** The fault fires these alerts, and no other; after the repair none fires. */
async function expectFired(names: readonly string[], repair: () => Promise<unknown>): Promise<void> {
  const began = Date.now();
  const full = names.map((name) => `Polyreel${name}`).sort();
  await expect.poll(() => prometheus.firing(), { timeout: 40_000 }).toEqual(full);
  await repair();
  await expect.poll(() => prometheus.firing(), { timeout: 40_000 }).toEqual([]);
  expect(await prometheus.firedSince(began)).toEqual(full);
}

async function setStreamLimit(change: (used: number) => number): Promise<number> {
  const connection = await connect({ servers: nats.url });
  try {
    const { streams } = await jetstreamManager(connection);
    const { state, config } = await streams.info(STREAM);
    await streams.update(STREAM, { max_bytes: change(state.bytes) });
    return config.max_bytes;
  } finally {
    await connection.close();
  }
}

describe("alerts on running services", needs(PROMETHEUS, "needs Prometheus"), () => {
  beforeAll(start);
  afterAll(() => releasers.close());

  it("do not fire while all is well", async () => {
    await expect.poll(() => prometheus.query("polyreel_service_ready == 1")).toHaveLength(5);
    await expect.poll(() => prometheus.firing()).toEqual([]);
    const began = Date.now();
    await Promise.all([speak(), speak()]);
    await delay(4_000);
    expect(await prometheus.firedSince(began)).toEqual([]);
  });

  it("fire when the only renderer is killed", async () => {
    await pipeline.services.renderer.kill("SIGKILL");
    await expectFired(["TargetDown", "ServiceMissing"], async () => pipeline.start("renderer", opsOf("renderer")));
  });

  it("fire when an engine crashes", async () => {
    const crash = join(folder, "crash");
    await writeFile(crash, "");
    using speaking = repeating(speak, 400);
    await expectFired(["ProgramsDying", "WorkFailing"], async () => {
      speaking[Symbol.dispose]();
      await rm(crash);
    });
  });

  it("fire when an engine hangs", async () => {
    const hang = join(folder, "hang");
    await writeFile(hang, "");
    await speak();
    await expectFired(["StageStalled", "OldestMessage"], async () => {
      expect(await prometheus.query('ALERTS{alertname="PolyreelStageStalled", stage="tts"}')).toHaveLength(1);
      await rm(hang);
    });
  });

  it("fire when the event stream fills up", async () => {
    const before = await setStreamLimit((used) => Math.round(used * 1.1));
    await expectFired(["StreamNearlyFull"], () => setStreamLimit(() => before));
  });

  it("fire when a process seldom gets to run", async () => {
    const { child } = pipeline.services.uploader;
    using starving = repeating(async () => {
      child.kill("SIGSTOP");
      await delay(350);
      child.kill("SIGCONT");
    }, 450);
    await expectFired(["EventLoopBlocked"], async () => starving[Symbol.dispose]());
  });

  it("fire when NATS is gone and calls fail", async () => {
    process.kill(nats.pid, "SIGKILL");
    using calling = repeating(speak, 200);
    await expectFired(["NatsDisconnected", "CallsFailing"], async () => {
      calling[Symbol.dispose]();
      releasers.use(await startNatsServer({ folder: facts, port: Number(new URL(nats.url).port) }));
    });
  });
});
