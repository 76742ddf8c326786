import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runBatch } from "../testing/batches.js";
import { audio, bed, footage, video } from "../testing/blocks.js";
import { expectNothingLeft } from "../testing/leftovers.js";
import { makeBed, makeFootage, put } from "../testing/media.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { expectWhole } from "./whole.js";

let pipeline: Pipeline;
let clips: string[];
let chord: string;
beforeAll(async () => {
  pipeline = await startPipeline();
  const { folder } = pipeline;
  const footages = [0, 1].map((i) => makeFootage(folder, `${i}.mp4`, { seconds: 0.5 + i / 5, size: "160x90" }));
  clips = await Promise.all(footages.map(async (path) => put(pipeline, await path)));
  chord = await put(pipeline, await makeBed(folder, "chord.wav"));
});
afterAll(() => pipeline?.close());

/** Paths of the payloads of a kind. */
async function payloads(kind: string): Promise<string[]> {
  const folder = join(pipeline.store, "tenants", "default", "parts", kind);
  return (await readdir(folder)).filter((name) => !name.endsWith(".index")).map((name) => join(folder, name));
}

async function damage(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[100] = (bytes[100] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

it("remakes parts that were damaged or lost, and delivers every combination", async () => {
  const choices = clips.map((sha256, i) => footage(`${i}`, sha256));
  const batch = {
    blocks: [
      video("hook", { choices }),
      video("body", { choices }),
      audio("music", { choices: [bed("none"), bed("chord", chord)] }),
    ],
  };
  await expectWhole(pipeline, await runBatch(pipeline, batch));

  // Processes that have them in memory would not miss them.
  await Promise.all([pipeline.services.renderer.kill("SIGTERM"), pipeline.services.uploader.kill("SIGTERM")]);
  const [clip = ""] = await payloads("clip");
  const [damaged = "", gone = "", broken = ""] = await payloads("sound");
  await damage(clip);
  await damage(damaged);
  await rm(gone);
  await writeFile(`${broken}.index`, "no index");
  pipeline.start("renderer");
  pipeline.start("uploader");

  const ended = await runBatch(pipeline, batch);
  expect(ended.combinations).toHaveLength(8);
  await expectWhole(pipeline, ended);
});

it("leaves nothing behind", () => expectNothingLeft(pipeline));
