import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { probe } from "@polyreel/media/probe";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeFootage } from "../testing/media.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";

const PAGE = fileURLToPath(new URL("../../../docs/guide/rest.md", import.meta.url));

let pipeline: Pipeline;
let folder: string;
let blocks: string[];

beforeAll(async () => {
  const page = await readFile(PAGE, "utf8");
  const [, outputs = ""] = /POLYREEL_REST_OUTPUTS=(\S+)/.exec(page) ?? [];
  pipeline = await startPipeline({ POLYREEL_REST_OUTPUTS: outputs });
  folder = await mkdtemp(join(tmpdir(), "polyreel-rest-"));
  await mkdir(join(folder, "media"));
  await makeFootage(join(folder, "media"), "talk.mp4", { seconds: 0.5 });
  blocks = [...page.matchAll(/^```sh\n(.*?)^```/gms)]
    .map(([, text = ""]) => text.replaceAll("http://127.0.0.1:8080", pipeline.url))
    .filter((text) => text.includes("curl"));
});
afterAll(async () => {
  await pipeline?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Runs commands of the page, as in a terminal; every one of them must succeed. */
const run = (commands = "") =>
  promisify(execFile)("bash", ["-euo", "pipefail", "-c", commands], { cwd: folder, timeout: 60_000 });
const read = async (name: string) => JSON.parse(await readFile(join(folder, name), "utf8"));

it("makes a thumbnail by the page's commands", async () => {
  await run(blocks[0]);
  const { video } = await probe(join(folder, "talk.jpg"), { signal: new AbortController().signal });
  expect(video).toMatchObject({ width: 320, height: 180 });
});

it("lists artifacts by the page's commands", async () => {
  await run(blocks[1]);
  expect((await read("artifacts.json")).artifacts).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ operation: "thumbnail", status: "completed", url: expect.any(String) }),
      expect.objectContaining({ operation: "audio_extract", status: "completed" }),
    ]),
  );
});

it("manages videos by the page's commands", async () => {
  await run(blocks[2]);
  const formats = [
    { format: "jpg", qualities: ["thumbnail"], status: "completed" },
    { format: "mp4", qualities: ["480p"], status: "completed" },
  ];
  expect(await read("status.json")).toMatchObject({ status: "completed", processingDetails: { formats } });
  expect(await read("metadata.json")).toMatchObject({ format: "mp4", videoCodec: "h264" });
  expect((await read("videos.json")).data).toMatchObject([{ title: "Day one" }]);
  expect(await read("health.json")).toMatchObject({ status: "healthy" });
  expect(await read("stats.json")).toMatchObject({ totalVideos: 0 }); // It was deleted before.
  const original = await readFile(join(folder, "original.mp4"));
  expect(original.equals(await readFile(join(folder, "media", "talk.mp4")))).toBe(true);
  expect(blocks.length).toBe(3);
});
