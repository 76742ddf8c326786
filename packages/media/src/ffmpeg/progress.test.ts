import { expect, it } from "vitest";
import { ProgressReader } from "./progress.js";

it("reads blocks in any chunks, and never decreases", () => {
  const reader = new ProgressReader();
  expect(reader.push("frame=3\nout_time_us=10000")).toBe(false);
  expect(reader.push("0\ntotal_size=99\nprogress=continue\n")).toBe(true);
  expect(reader.now).toEqual({ outTimeSeconds: 0.1, frames: 3, bytes: 99 });
  expect(reader.push("frame=2\nout_time_us=50000\nprogress=continue\n")).toBe(false);
  expect(reader.now.outTimeSeconds).toBe(0.1);
});

it("keeps the previous value if one is not known yet", () => {
  const reader = new ProgressReader();
  expect(reader.push("out_time_us=N/A\ntotal_size=N/A\nprogress=continue\n")).toBe(false);
  expect(reader.push("out_time_us=-9223372036854775808\nprogress=continue\n")).toBe(false);
  expect(reader.now).toEqual({ outTimeSeconds: 0, frames: 0, bytes: 0 });
});

it("notices movement before a block is complete", () => {
  const reader = new ProgressReader();
  reader.push("frame=1\n");
  expect(reader.push("progress=continue\n")).toBe(true);
});
