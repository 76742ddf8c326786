import { readdir } from "node:fs/promises";
import { probe } from "@polyreel/media/probe";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Workshop } from "../testing/workshop.js";

// Runs the real command.

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
  await Promise.all([workshop.film("a.mp4", 0.6), workshop.film("b.mp4", 0.6, 440)]);
  await workshop.write("batch.yaml", BATCH);
  await workshop.write("inputs.yaml", "inputs: [{source: a.mp4}]\noutputs: [{thumbnail: {}}]\n");
});
afterAll(() => workshop.close());

const BATCH = `name: spring
canvases:
  - {width: 1080, height: 1920, label: tall}
  - {width: 1080, height: 1080, label: square}
where:
  - headline != "Two" || hook != "b"
sample: {count: 1}
blocks:
  - name: hook
    video: {fit: cover, choices: [{source: a.mp4}, {source: b.mp4}, {label: none}]}
  - name: body
    video: {choices: [{source: b.mp4}, {source: lost.mp4}]}
  - name: headline
    text: {over: [hook], position: top, choices: [{text: One}, {text: Two}]}
columns: {ad: "{hook} {headline}"}
`;

const videosIn = async (folder: string, extension: string) =>
  (await readdir(workshop.path(folder))).filter((name) => name.endsWith(extension)).sort();

it("makes one combination small, under the name that it will have", async () => {
  const flags = ["--choice", "hook=b", "--choice", "canvas=square", "--json", "-q"];
  const done = await workshop.run(["preview", "batch.yaml", ...flags]);
  expect(done).toMatchObject({ exitCode: 0, stderr: "" });
  expect(JSON.parse(done.stdout)).toMatchObject({ combinations: { delivered: 1 }, parts: { clips: { made: 2 } } });
  expect(await videosIn("preview", ".mp4")).toEqual(["b_b_One_square.mp4"]);
  const file = workshop.path("preview/b_b_One_square.mp4");
  const { video } = await probe(file, { signal: new AbortController().signal });
  expect(video).toMatchObject({ width: 360, height: 360 });

  // The same by its id, which does not depend on its size: everything is there already.
  const [{ id }] = JSON.parse(done.stdout).outputs;
  const again = await workshop.run(["preview", "batch.yaml", "--combination", id, "--json", "-q"]);
  expect(JSON.parse(again.stdout)).toMatchObject({ combinations: { delivered: 1 }, parts: { clips: { made: 0 } } });
});

it("shows the distinct clips as sheets, and what fails at its place in the file", async () => {
  const done = await workshop.run(["preview", "batch.yaml", "--frames", "--out", "frames", "-q"]);
  expect(done).toMatchObject({ exitCode: 1, stderr: "" });
  expect(done.stdout).toMatch(/2 × "lost\.mp4": The file does not exist\.\n\s+where: batch\.yaml:12:40/);
  // Rules leave out "Two" over b.
  const clips = ["body_b", "hook_a_One", "hook_a_Two", "hook_b_One"];
  const sheets = clips.flatMap((name) => ["square", "tall"].map((canvas) => `${name}_${canvas}.sheet.jpg`));
  expect(await videosIn("frames", ".jpg")).toEqual(sheets);
});

it("refuses what it cannot show, with what there is", async () => {
  const refusal = async (...args: string[]) => {
    const { exitCode, stderr } = await workshop.run(["preview", ...args]);
    return { exitCode, stderr };
  };
  const saying = (text: string) => ({ exitCode: 2, stderr: expect.stringContaining(text) });
  expect(await refusal("batch.yaml", "--choice", "hook=c")).toEqual(saying('has no choice "c"'));
  expect(await refusal("batch.yaml", "--choice", "hok=b")).toEqual(saying('Did you mean "hook"?'));
  expect(await refusal("batch.yaml", "--choice", "canvas=tal")).toEqual(saying('Did you mean "tall"?'));
  expect(await refusal("batch.yaml", "--combination", "abc")).toEqual(saying('no combination "abc"'));
  const excluded = ["--choice", "hook=b", "--choice", "headline=Two"];
  expect(await refusal("batch.yaml", ...excluded)).toEqual(saying("makes no such combination"));
  expect(await refusal("batch.yaml", "--frames", "--choice", "hook=b")).toEqual(saying("Leave out"));
  expect(await refusal("inputs.yaml")).toEqual(saying("render --sample"));
});
