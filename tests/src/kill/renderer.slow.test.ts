import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { Sound } from "@polyreel/contract";
import { afterEach, expect, it } from "vitest";
import { endOf, submit, watch } from "../testing/batches.js";
import { audio, bed, footage, video } from "../testing/blocks.js";
import { programsOf } from "../testing/left-behind.js";
import { expectNothingLeft } from "../testing/leftovers.js";
import { makeBed, makeFootage, put } from "../testing/media.js";
import { partFiles } from "../testing/parts.js";
import { type Pipeline, type ServiceProcess, startPipeline } from "../testing/pipeline.js";
import { clipsReady, expectWhole } from "./whole.js";

let pipeline: Pipeline;
let renderer: ServiceProcess;
let clips: string[];
async function start(env: NodeJS.ProcessEnv = {}): Promise<void> {
  pipeline = await startPipeline({ POLYREEL_ENCODES: "1", ...env });
  renderer = pipeline.services.renderer;
  const { folder } = pipeline;
  const footages = [0, 1, 2, 3].map((i) => makeFootage(folder, `${i}.mp4`, { seconds: 2, hertz: 300 + 100 * i }));
  clips = await Promise.all(footages.map(async (path) => put(pipeline, await path)));
}
afterEach(() => pipeline?.close());

/** Combinations of 4 clips; pictures of 1440 lines take a second or more each to encode. */
const pictures = (height: number, sound: Sound) => ({
  canvas: { width: (height * 9) / 16, height },
  blocks: [
    video("hook", { sound, choices: clips.slice(0, 2).map((sha256, i) => footage(`hook ${i}`, sha256)) }),
    video("body", { sound, choices: clips.map((sha256, i) => footage(`body ${i}`, sha256)) }),
  ],
});

const workFolderOf = async ({ child }: ServiceProcess): Promise<string | undefined> =>
  (await readdir(pipeline.temporary)).find(
    (name) => name.startsWith("polyreel-renderer-") && name.includes(`-${child.pid}-`),
  );

/** Whether a renderer is making a part. */
async function atWork(service: ServiceProcess): Promise<boolean> {
  const folder = await workFolderOf(service);
  return folder !== undefined && (await readdir(join(pipeline.temporary, folder))).length > 0;
}

it("completes when the renderer is killed during the work and restarted", async () => {
  await start({ POLYREEL_ACK_WAIT_SECONDS: "5" });
  const chord = await put(pipeline, await makeBed(pipeline.folder, "chord.wav"));
  const batch = pictures(1440, Sound.KEPT);
  batch.blocks.push(audio("music", { choices: [bed("none"), bed("chord", chord)] }));
  const batchId = await submit(pipeline, batch);
  await watch(pipeline, batchId, { withinSeconds: 60, until: clipsReady(2) });
  // Between two clips there is none for a moment.
  const commands = async () => (await programsOf(pipeline)).map(({ command }) => command);
  await expect.poll(commands, { interval: 5 }).toContainEqual(expect.stringMatching(/ffmpeg$/));
  const finished = await partFiles(pipeline);
  expect(finished.size).toBeGreaterThanOrEqual(2);

  await renderer.kill("SIGKILL");
  await expect.poll(() => programsOf(pipeline), { timeout: 10_000 }).toEqual([]);
  expect(await workFolderOf(renderer)).toBeDefined();
  const killed = renderer;
  renderer = pipeline.start("renderer");
  const ended = await endOf(pipeline, batchId, { withinSeconds: 90 });

  await expectWhole(pipeline, ended);
  expect(ended.combinations).toHaveLength(16);
  expect(await workFolderOf(killed)).toBeUndefined();
  const after = await partFiles(pipeline);
  for (const [key, time] of finished) expect(after.get(key), key).toBe(time);
  await expectNothingLeft(pipeline);
});

it("is shared by two renderers, and handed over by one that shuts down", async () => {
  await start({ POLYREEL_ACK_WAIT_SECONDS: "60" });
  const second = pipeline.start("renderer");
  await second.logged(/^renderer ready/);
  const batchId = await submit(pipeline, pictures(480, Sound.MUTED));
  await expect
    .poll(async () => (await atWork(renderer)) && (await atWork(second)), { timeout: 30_000, interval: 5 })
    .toBe(true);

  const killedAt = Date.now();
  expect(await second.kill("SIGTERM")).toBe(0);
  expect(Date.now() - killedAt).toBeLessThan(5_000);
  expect(await workFolderOf(second)).toBeUndefined();
  const ended = await endOf(pipeline, batchId, { withinSeconds: 60 });
  // Its work was handed back at once, without the ack wait.
  expect(Date.now() - killedAt).toBeLessThan(55_000);
  await expectWhole(pipeline, ended);
  await expectNothingLeft(pipeline);
});
