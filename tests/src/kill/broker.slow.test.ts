import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { BatchState } from "@polyreel/contract";
import { Releasers } from "@polyreel/platform";
import { startNatsServer } from "@polyreel/platform/stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import { combinationsOf, submit, watch } from "../testing/batches.js";
import { audio, bed, footage, video, voice } from "../testing/blocks.js";
import { expectNothingLeft } from "../testing/leftovers.js";
import { makeBed, makeFootage, put } from "../testing/media.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { clipsReady, expectWhole } from "./whole.js";

const releasers = new Releasers();
let facts: string;
let nats: Awaited<ReturnType<typeof startNatsServer>>;
let pipeline: Pipeline;
beforeAll(async () => {
  facts = await mkdtemp(join(tmpdir(), "polyreel-facts-"));
  releasers.add(() => rm(facts, { recursive: true }));
  nats = releasers.use(await startNatsServer({ folder: facts }));
  pipeline = releasers.use(await startPipeline({ POLYREEL_ENCODES: "1", POLYREEL_ACK_WAIT_SECONDS: "5" }, { nats }));
});
afterAll(() => releasers.close());

it("completes when nats-server is killed during the work and restarted", async () => {
  const { folder } = pipeline;
  const footages = [0, 1, 2, 3].map((i) => makeFootage(folder, `${i}.mp4`, { seconds: 3, hertz: 300 + 50 * i }));
  const clips = await Promise.all(footages.map(async (path) => put(pipeline, await path)));
  const chord = await put(pipeline, await makeBed(folder, "chord.wav"));
  const choices = clips.map((sha256, i) => footage(`${i}`, sha256));
  const batchId = await submit(pipeline, {
    canvas: { width: 360, height: 640 },
    blocks: [
      video("hook", { choices: choices.slice(0, 2) }),
      video("body", { choices: choices.slice(2) }),
      voice("say", { choices: [{ label: "nothing" }, { text: "Hello" }] }),
      audio("music", { choices: [bed("none"), bed("chord", chord)] }),
    ],
  });
  await watch(pipeline, batchId, { withinSeconds: 60, until: clipsReady(1) });
  process.kill(nats.pid, "SIGKILL");
  await delay(1000);
  await expect(submit(pipeline, { blocks: [video("hook", { choices })] })).rejects.toThrow(/event stream/);
  releasers.use(await startNatsServer({ folder: facts, port: Number(new URL(nats.url).port) }));

  const stateNow = async () => (await pipeline.batches.getBatch({ batchId }).catch(() => undefined))?.batch?.state;
  await expect.poll(stateNow, { timeout: 90_000, interval: 250 }).toBe(BatchState.FINISHED);
  const { batch: status } = await pipeline.batches.getBatch({ batchId });
  if (!status) throw new Error("No status.");
  const combinations = await combinationsOf(pipeline, batchId);
  expect(combinations).toHaveLength(16);
  await expectWhole(pipeline, { batchId, status, combinations, updates: [] });
});

it("leaves nothing behind", () => expectNothingLeft(pipeline));
