import { access, readdir } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { Workshop } from "../testing/workshop.js";

let workshop: Workshop;

const batch = (hooks: string, titles = "{text: One}, {text: Two}") => `name: test
canvas: {width: 180, height: 320}
blocks:
  - {name: hook, video: {choices: [${hooks}]}}
  - {name: body, video: {choices: [{source: b.mp4, trim: {duration: 500ms}}]}}
  - {name: title, text: {over: [hook], choices: [${titles}]}}
  - {name: speaker, voice: {overrun: extend, choices: [{label: hi, text: Hello there}]}}
  - {name: music, audio: {loop: true, choices: [{label: tone, source: a.mp4}, {label: silence}]}}
`;

beforeAll(async () => {
  workshop = await Workshop.open();
  await Promise.all([workshop.film("a.mp4", 1), workshop.film("b.mp4", 1, 440)]);
  await workshop.write("batch.yaml", batch("{source: a.mp4}, {source: b.mp4}"));
  await workshop.write("gone.yaml", batch("{source: a.mp4}, {source: gone.mp4}"));
  await workshop.write("other.yaml", batch("{source: a.mp4}, {source: b.mp4}", "{text: One}, {text: Three}"));
});
afterAll(() => workshop.close());
afterEach(async () => {
  expect(await workshop.processesLeft()).toEqual([]);
  expect(await workshop.temporaryFiles()).toEqual([]);
});

const run = async (...args: string[]) => {
  const { exitCode, stdout, stderr } = await workshop.run(args);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  return stdout;
};
const json = async (...args: string[]) => JSON.parse(await run(...args, "--json"));
/** Distinct parts of each kind, and how many of them exist. */
const parts = ({ parts: { clips, voices, soundtracks } }: Awaited<ReturnType<typeof json>>) =>
  [clips, voices, soundtracks].map(({ distinct, there, toMake }) => {
    expect(toMake).toBe(distinct - there);
    return [distinct, there];
  });

it("estimates without earlier measurements, and stores nothing", async () => {
  const estimate = await json("estimate", "batch.yaml", "--store", "new");
  expect(parts(estimate)).toEqual([
    [5, 0],
    [1, 0],
    [4, 0],
  ]);
  expect(estimate).toMatchObject({
    combinations: 8,
    combinationSeconds: 12,
    clipSeconds: 4.5,
    measuredCombinations: 0,
  });
  expect(estimate.notMeasured).toEqual(["clips", "voice lines", "soundtracks", "videos"]);
  expect(estimate.writtenBytes).toBe(estimate.outputBytes);
  expect(estimate.firstVideoSeconds).toBeLessThan(estimate.predictedSeconds);
  expect(estimate.unknown).toMatchObject([
    { block: "speaker", choice: "hi", reason: expect.stringContaining("not spoken yet") },
  ]);
  await expect(access(workshop.path("new"))).rejects.toThrow();
});

it("prints what is unknown, what would fail, and where it is written, as lines of text", async () => {
  const { exitCode, stdout: text } = await workshop.run(["estimate", "gone.yaml"]);
  expect(exitCode).toBe(1);
  expect(text).toMatch(
    /^8 videos\n {2}length {7}6\.0 s together\n {2}size {9}about \d+ kB\n {2}store {8}about \d\.\d MB more\n/,
  );
  expect(text).toContain("\n  clips        3 distinct: 3 to make\n  voices       1 distinct: 1 to make\n");
  expect(text).toMatch(/\n {2}time {9}about \d+\.\d s on \d+ cores?, the first video after about \d\.\d s\n/);
  expect(text).toMatch(
    /\n {2}from {9}not measured on this machine yet: clips, voice lines, soundtracks and videos; .*\nNot known yet:\n/,
  );
  expect(text).toMatch(
    /\n\n4 combinations would fail:\n {2}4 × "gone\.mp4": The file does not exist\.\n {6}where: gone\.yaml:4:53 {2}\(block "hook", choice "gone"\)\n {6}remedy: /,
  );
});

it("counts existing parts after a render, and in a diff only new ones", async () => {
  const { combinations } = await json("render", "batch.yaml", "--out", "out", "--quiet");
  expect(combinations.delivered).toBe(8);
  const after = await json("estimate", "batch.yaml");
  expect(parts(after).map(([distinct, there]) => Number(distinct) - Number(there))).toEqual([0, 0, 0]);
  expect(after).toMatchObject({ combinations: 8, clipSeconds: 0, storeBytes: 0, unknown: [] });
  // The render's measurements replace the defaults.
  expect(after).toMatchObject({ notMeasured: [], encodeCoreSeconds: 0, drawn: 0 });
  expect(after.measuredCombinations).toBeGreaterThanOrEqual(8);
  const measured = ({ parts: kinds }: typeof after) => [kinds.clips, kinds.voices, kinds.soundtracks];
  expect(measured(after).map((kind) => [kind.measured, kind.about])).toEqual([5, 1, 4].map((made) => [made, false]));
  expect(await run("estimate", "batch.yaml")).toMatch(
    /\n {2}store {8}nothing more\n(.*\n)* {2}from {9}5 clips, 1 voice line, 4 soundtracks and \d+ videos measured on this machine\n/,
  );

  const files = await readdir(workshop.path("store"), { recursive: true });
  const diff = await json("diff", "batch.yaml", "other.yaml", "--store", "new");
  expect(diff).toMatchObject({ combinations: 8, before: { combinations: 8 }, kept: 4, changed: [] });
  expect(diff.added.map(({ choices }: { choices: object }) => choices)).toEqual(
    ["a", "b"].flatMap((hook) =>
      ["tone", "silence"].map((music) => ({ hook, body: "b", title: "Three", speaker: "hi", music })),
    ),
  );
  expect(diff.removed).toHaveLength(4);
  expect(parts(diff)).toEqual([
    [5, 3],
    [1, 1],
    [4, 4],
  ]);
  expect(await run("diff", "batch.yaml", "other.yaml")).toMatch(
    /^8 videos, where batch\.yaml makes 8\n {2}kept {9}4\n {2}changed {6}0\n {2}added {8}4\n {15}hook=a {2}body=b {2}title=Three /,
  );
  expect(await readdir(workshop.path("store"), { recursive: true })).toEqual(files);
});

it("is told by a server, which is sent no file", async () => {
  const up = await workshop.up(["--out", "videos", "--store", "far"]);
  const server = up.url;
  const before = await json("estimate", "batch.yaml", "--server", server);
  const unknown = new Set(before.unknown.map(({ choice }: { choice: string }) => choice));
  expect([...unknown].sort()).toEqual(["a", "b", "hi"]);
  expect(await readdir(workshop.path("far/tenants/default/sources")).catch(() => [])).toEqual([]);
  await workshop.run(["submit", "batch.yaml", "--watch", "-q", "--server", server]);
  const after = await json("estimate", "batch.yaml", "--server", server);
  expect(parts(after).map(([distinct, there]) => Number(distinct) - Number(there))).toEqual([0, 0, 0]);
  const diff = await json("diff", "batch.yaml", "other.yaml", "--server", server);
  expect([diff.kept, diff.added.length, diff.parts.clips.toMake]).toEqual([4, 4, 2]);

  await workshop.write("wrong.yaml", batch("{source: a.mp4}").replace("over: [hook]", "over: [hok]"));
  for (const where of [[], ["--server", server]]) {
    const refused = await workshop.run(["estimate", "wrong.yaml", ...where]);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toMatch(/where: wrong\.yaml:6:\d+ {2}blocks\[2\]\.text\.over\[0\]/);
    expect(refused.stderr).toContain('remedy: Did you mean "hook"?');
  }
  expect((await up.stop()).exitCode).toBe(0);
});

it("needs a server for a batch that continues another one", async () => {
  const { exitCode, stderr } = await workshop.run(["estimate", "batch.yaml", "--continue", "b123"]);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(
    /^error: Only the server that made batch "b123" knows .*\n.*\n {2}remedy: Ask that one with --server/,
  );
});
