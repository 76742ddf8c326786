import { readdir, readFile } from "node:fs/promises";
import { probe } from "@polyreel/media/probe";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Workshop } from "../testing/workshop.js";

// Runs the real command.

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
  await workshop.film("talk.mp4", 0.6);
});
afterAll(() => workshop.close());

it("makes outputs of a file in one line", async () => {
  await workshop.write("presets.yaml", "mobile: {container: webm, shortSide: 90}\n");
  const flags = ["--web-480p", "--preset", "mobile", "--poster", "--metadata", "--json", "-q"];
  const done = await workshop.run(["process", "talk.mp4", ...flags], {
    POLYREEL_PRESETS: workshop.path("presets.yaml"),
  });
  expect(done).toMatchObject({ exitCode: 0, stderr: "" });
  expect(JSON.parse(done.stdout)).toMatchObject({ combinations: { delivered: 1 }, parts: { renditions: { made: 3 } } });
  const names = (await readdir(workshop.path("processed"))).filter((name) => name.startsWith("talk"));
  expect(names.sort()).toEqual(["talk.metadata.json", "talk.mobile.webm", "talk.poster.jpg", "talk.web-480p.mp4"]);
  const { video } = await probe(workshop.path("processed/talk.mobile.webm"), { signal: new AbortController().signal });
  expect(video).toMatchObject({ codec: "vp9", width: 90, height: 160 });
  expect(JSON.parse(await readFile(workshop.path("processed/talk.metadata.json"), "utf8")).video.codec).toBe("h264");
});

it("makes several thumbnails, and a storyboard with its cues", async () => {
  const flags = ["--thumbnails", "2", "--storyboard", "--out", "stills", "--json", "-q"];
  const done = await workshop.run(["process", "talk.mp4", ...flags]);
  expect(done).toMatchObject({ exitCode: 0, stderr: "" });
  const names = (await readdir(workshop.path("stills"))).filter((name) => name.startsWith("talk"));
  expect(names.sort()).toEqual([
    ...["talk.storyboard.jpg", "talk.storyboard.vtt", "talk.thumbnail-1.jpg", "talk.thumbnail-2.jpg"],
  ]);
  expect(await readFile(workshop.path("stills/talk.storyboard.vtt"), "utf8")).toBe(
    "WEBVTT\n\n00:00:00.000 --> 00:00:00.600\ntalk.storyboard.jpg#xywh=0,0,160,284\n",
  );
  expect(await workshop.run(["process", "talk.mp4", "--thumbnails", "65"])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("a number from 1 to 64"),
  });
});

it("fails nothing but the transcodes of a watermark that cannot be read", async () => {
  const flags = ["--web-480p", "--metadata", "--out", "marked", "--json", "-q"];
  const done = await workshop.run(["process", "talk.mp4", "--watermark", "lost.png", ...flags]);
  expect(done).toMatchObject({ exitCode: 1, stderr: "" });
  expect(done.stdout).toContain("The file does not exist.");
  const names = (await readdir(workshop.path("marked"))).filter((name) => name.startsWith("talk"));
  expect(names).toEqual(["talk.metadata.json"]);
});

it("names input, output and setting of a failure", async () => {
  const { exitCode, stdout } = await workshop.run([
    "process",
    "talk.mp4",
    "--web-480p",
    "--watermark",
    "lost.png",
    "-q",
  ]);
  expect(exitCode).toBe(1);
  expect(stdout).toContain("The file does not exist.");
  expect(stdout).toMatch(/^ +where: outputs\[0\]\.transcode\.watermark\S* {2}\(output "web-480p", input "talk"\)$/m);
});

it("refuses to make nothing, and unknown values with the known ones", async () => {
  expect(await workshop.run(["process", "talk.mp4"])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("--web-720p --poster"),
  });
  expect(await workshop.run(["process", "talk.mp4", "--audio", "mp4"])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/Did you mean "m(p3|4a)"/),
  });
  expect(await workshop.run(["process", "talk.mp4", "--preset", "web-72p", "-q"])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('Did you mean "web-720p"?'),
  });
});

it("lists presets", async () => {
  const { presets } = JSON.parse((await workshop.run(["presets", "--json"])).stdout);
  expect(presets).toContainEqual({
    name: "web-720p",
    transcode: { container: "MEDIA_CONTAINER_MP4", shortSide: 720, maxVideoKbps: 3500, audioKbps: 128 },
  });
});
