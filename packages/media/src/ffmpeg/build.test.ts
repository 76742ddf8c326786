import { expect, it } from "vitest";
import { clipEncoder, ffmpegBuild, parseVersion, soundEncoder } from "./build.js";

it("combines settings, ffmpeg's version and libx264's build", async () => {
  expect(await ffmpegBuild()).toMatch(/^ffmpeg \S*\d\S*\/x264 \d+$/);
  expect(await clipEncoder()).toBe(`h264-5/${await ffmpegBuild()}`);
  expect(await soundEncoder()).toBe(`aac-5/${(await ffmpegBuild()).split("/")[0]}`);
});

it.each([
  [
    "ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2026 the FFmpeg developers\nbuilt with gcc",
    "ffmpeg 5.1.9-0+deb12u1",
  ],
  ["ffmpeg version n7.1 Copyright", "ffmpeg n7.1"],
])("reads %s", (output, version) => {
  expect(parseVersion(output)).toBe(version);
});

it("refuses the output of another program", () => {
  expect(() => parseVersion("hello")).toThrow(/is it really ffmpeg/);
});
