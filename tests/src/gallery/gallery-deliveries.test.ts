import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { runFfprobe } from "@polyreel/media/ffmpeg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { manifestOf } from "../testing/batches.js";
import { audio, bed, footage, text, video, voice } from "../testing/blocks.js";
import { durationOf } from "../testing/duration.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { render } from "../testing/render.js";
import { BLUE, framesOf, isColour, RED } from "./look.js";
import { make, plain, tone } from "./make.js";

let pipeline: Pipeline;
let red: string;
let blue: string;
beforeAll(async () => {
  pipeline = await startPipeline();
  red = await make(pipeline, "red.mp4", { picture: plain("red", 1), sound: tone(440, 1) });
  blue = await make(pipeline, "blue.mp4", { picture: plain("blue", 1) });
});
afterAll(() => pipeline?.close());

const GAP = 8;

const { signal } = new AbortController();
const probe = async (path: string) =>
  JSON.parse(await runFfprobe(["-show_streams", "-show_format", "-of", "json", path], { signal })) as {
    streams: { codec_type: string; width: number; height: number }[];
    format: { tags: Record<string, string> };
  };

test("every combination on every canvas, with a poster and a sheet of each", async () => {
  const canvases = [
    { width: 90, height: 160, label: "tall" },
    { width: 120, height: 120, label: "square" },
    { width: 160, height: 90 },
  ];
  const batch = await render(pipeline, {
    canvases,
    blocks: [
      video("one", { choices: [footage("red", red)] }),
      video("two", { choices: [footage("blue", blue), footage("red", red)] }),
    ],
    outputs: [
      { poster: durationOf(1.5), operation: { case: "contactSheet", value: { columns: 3, rows: 2, width: 60 } } },
    ],
  });
  expect(batch.failures.map(({ failure }) => failure?.reason)).toEqual([]);
  expect(batch.outputs.map(({ path }) => basename(path)).sort()).toEqual(
    ["160x90", "square", "tall"].flatMap((canvas) => ["blue", "red"].map((two) => `${two}_${canvas}.mp4`)).sort(),
  );
  for (const { path, choices } of batch.outputs) {
    const { width = 0, height = 0 } = canvases.find(({ label = "160x90" }) => label === choices.canvas) ?? {};
    const [stream] = (await probe(path)).streams;
    expect([stream?.width, stream?.height]).toEqual([width, height]);
    const second = choices.two === "red" ? RED : BLUE;
    // Half a second into the second block.
    const [poster] = await framesOf(path.replace(/\.mp4$/, ".jpg"), { width, height });
    expect(poster?.pixel(width / 2, height / 2)).toSatisfy(isColour(second));
    // Six frames from the middles of six intervals: three of the first block, then three of the second. 8 pixels apart.
    const cell = { width: 60, height: Math.round((60 * height) / width) };
    const size = { width: 3 * (cell.width + GAP) + GAP, height: 2 * (cell.height + GAP) + GAP };
    const [sheet] = await framesOf(path.replace(/\.mp4$/, ".sheet.jpg"), size);
    for (const column of [0, 1, 2]) {
      const x = (column + 0.5) * (cell.width + GAP) + GAP / 2;
      expect(sheet?.pixel(x, size.height / 4)).toSatisfy(isColour(RED));
      expect(sheet?.pixel(x, (3 * size.height) / 4)).toSatisfy(isColour(second));
    }
  }
  const folder = dirname(batch.outputs[0]?.path ?? "");
  await manifestOf(pipeline, basename(folder));
  const kinds = (await readdir(folder)).map((name) => name.slice(name.indexOf(".")));
  expect(kinds.filter((kind) => kind === ".jpg").length).toBe(6);
  expect(kinds.filter((kind) => kind === ".sheet.jpg").length).toBe(6);
});

test("labels and metadata in names, tags and manifest", async () => {
  const batch = await render(pipeline, {
    name: "Spring sale",
    naming: "{batch} {hook.sku} {hook}",
    blocks: [
      video("hook", {
        choices: [
          footage("red one", red, { metadata: { sku: "0047", note: 'half "price"; 50 % = ½' } }),
          footage("blue", blue, { metadata: { sku: "0048" } }),
        ],
      }),
    ],
  });
  expect(batch.outputs.map(({ path }) => basename(path))).toEqual([
    "Spring-sale-0047-red-one.mp4",
    "Spring-sale-0048-blue.mp4",
  ]);
  const { tags } = (await probe(batch.outputs[0]?.path ?? "")).format;
  expect(tags).toMatchObject({
    title: "Spring sale",
    hook: "red one",
    "hook.sku": "0047",
    "hook.note": 'half "price"; 50 % = ½',
  });
  const lines = await manifestOf(pipeline, batch.batchId);
  expect(JSON.stringify(lines[0])).toContain("0047");
});

test("any block's choice may be empty", async () => {
  const batch = await render(pipeline, {
    blocks: [
      video("intro", { choices: [{ label: "none" }, footage("blue", blue)] }),
      video("main", { choices: [footage("red", red)] }),
      text("headline", { over: ["intro"], choices: [{ text: "Hello" }, { label: "none" }] }),
      voice("speaker", { at: "intro", choices: [{ label: "none" }, { text: "Hi", voice: "rms" }] }),
      audio("music", { choices: [{ label: "none" }, bed("tone", red)] }),
    ],
  });
  expect(batch.failures.map(({ failure }) => failure?.reason)).toEqual([]);
  expect(batch.outputs.length).toBe(16);
  for (const { choices, certificate, sound, clips } of batch.outputs) {
    const given = (block: string) => Number(choices[block] !== "none");
    expect(Number(certificate.frames)).toBe(30 + 30 * given("intro"));
    // The main block's own sound, and other chosen sounds.
    expect(sound?.events.length).toBe(1 + given("speaker") + given("music"));
    expect(clips.flatMap(({ recipe }) => recipe.texts).length).toBe(given("intro") * given("headline"));
  }
});

test("a name with path components cannot leave its folder", async () => {
  const batch = await render(pipeline, {
    blocks: [video("v", { choices: [footage("../../up", red), footage('a/b\\c:"d"', red), footage("CON", red)] })],
  });
  expect(batch.outputs.length).toBe(3);
  for (const { path } of batch.outputs) expect(dirname(path)).toBe(join(pipeline.out, batch.batchId));
});
