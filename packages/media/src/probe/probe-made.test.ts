import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runFfmpeg } from "../ffmpeg/run.js";
import { probe } from "./probe.js";
import { probeMade } from "./probe-made.js";

const { signal } = new AbortController();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-probe-made-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it.each([
  ["mp4", ["-c:v", "libx264", "-c:a", "aac"]],
  // Packets of its sound have side data, and those of its pictures no duration.
  ["webm", ["-c:v", "libvpx-vp9", "-cpu-used", "8", "-c:a", "libopus", "-fps_mode:v", "vfr"]],
  ["mkv", ["-c:v", "libx264", "-c:a", "libopus"]],
  ["mov", ["-c:v", "libx264", "-c:a", "aac", "-bf", "0"]],
])("finds in %s what a probe of a stranger's file finds", async (extension, codecs) => {
  const file = join(folder, `made.${extension}`);
  const inputs = [
    { lavfi: "testsrc2=size=64x48:rate=25:duration=1" },
    { lavfi: "sine=duration=1.2:sample_rate=48000" },
  ];
  const outputs = [{ file, options: codecs }];
  await runFfmpeg({ inputs, outputs, signal, deadlineSeconds: 30, maxOutputBytes: 1e7 });
  const { video, ...found } = await probe(file, { signal });
  const { firstPictureSeconds: _, ...picture } = video ?? {};
  expect(await probeMade(file, signal)).toEqual({ ...found, video: picture });
});
