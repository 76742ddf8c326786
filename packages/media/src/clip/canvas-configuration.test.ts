import { afterAll, beforeAll, expect, it } from "vitest";
import { ffmpegBuild } from "../ffmpeg/build.js";
import { requireCanvasConfiguration } from "./canvas-configuration.js";
import { formatOf } from "./format.js";
import { type Bench, canvas, openBench } from "./testing/bench.js";

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

/** Sources whose frames declare different properties: chroma location, range, matrix, bit depth, field order. */
const SOURCES: [name: string, graph: string, options: string[]][] = [
  ["plain.mp4", "testsrc2=size=64x64:rate=30", []],
  ["photo.jpg", "testsrc2=size=64x64,format=yuvj420p", ["-frames:v", "1"]],
  ["photo444.jpg", "testsrc2=size=64x64,format=yuvj444p", ["-frames:v", "1"]],
  ["picture.png", "testsrc2=size=64x64", ["-frames:v", "1"]],
  ["deep.mkv", "testsrc2=size=64x64:rate=30,format=yuv422p10", ["-c:v", "ffv1"]],
  ["full-range.mkv", "testsrc2=size=64x64:rate=30,format=yuvj420p", ["-c:v", "ffv1"]],
  ["centre.mp4", "testsrc2=size=64x64:rate=30", ["-chroma_sample_location", "center"]],
  ["top-left.mp4", "testsrc2=size=64x64:rate=30", ["-chroma_sample_location", "topleft"]],
  ["television.mpg", "testsrc2=size=64x64:rate=25", ["-c:v", "mpeg2video", "-flags", "+ilme+ildct"]],
];

it.each(SOURCES)("%s has the canvas's configuration", async (name, graph, options) => {
  const path = await bench.source(name, `${graph},trim=duration=1`, options);
  const still = /jpg|png/.test(name);
  const { index } = await bench.clip(path, { still });
  await requireCanvasConfiguration(canvas, index.decoderConfig, bench.at("."));
});

it("refuses a clip with another configuration permanently, naming this ffmpeg", async () => {
  const path = await bench.source("wide.mp4", "testsrc2=size=64x64:rate=30:duration=1");
  const { index } = await bench.clip(path, { format: formatOf({ width: 160, height: 96, frameRate: 30 }) });
  const checked = requireCanvasConfiguration(canvas, index.decoderConfig, bench.at("."));
  await expect(checked).rejects.toMatchObject({
    code: "precondition",
    retryable: false,
    message: expect.stringContaining(await ffmpegBuild()),
  });
});
