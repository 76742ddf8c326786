import { builtInPresets } from "@polyreel/spec";
import { expect, it } from "vitest";
import { outputsOfFlags } from "./outputs-of-flags.js";
import { presetFlags } from "./preset-flags.js";

it("has a flag for each built-in preset", () => {
  expect([...presetFlags].sort()).toEqual([...builtInPresets.keys()].sort());
});

it("names files after the input and the output", () => {
  const flags = {
    preview: "webp",
    waveform: true,
    presets: ["web-720p", "mobile", "web-720p"],
    poster: true,
    thumbnails: 3,
    storyboard: true,
    audio: "mp3",
    compress: "high",
  } as const;
  expect(outputsOfFlags(flags, (preset) => (preset === "mobile" ? "webm" : "mp4"))).toEqual([
    { name: "web-720p", as: "{input}.web-720p.mp4", transcode: { preset: "web-720p" } },
    { name: "mobile", as: "{input}.mobile.webm", transcode: { preset: "mobile" } },
    { name: "poster", as: "{input}.poster.jpg", thumbnail: { at: "500ms" } },
    { name: "thumbnail", as: "{input}.thumbnail.jpg", thumbnail: { count: 3, best: true } },
    { name: "storyboard", as: "{input}.storyboard.jpg", storyboard: {} },
    { name: "compressed", as: "{input}.compressed.mp4", compress: { quality: "high" } },
    { name: "audio", as: "{input}.audio.mp3", audio: { format: "mp3" } },
    { name: "preview", as: "{input}.preview.webp", preview: { format: "webp" } },
    { name: "waveform", as: "{input}.waveform.png", waveform: { format: "png" } },
  ]);
});

it("lays a watermark over the transcodes", () => {
  expect(outputsOfFlags({ presets: ["web-720p"], watermark: "logo.png", poster: true }, () => "mp4")).toMatchObject([
    { transcode: { preset: "web-720p", watermark: { image: "logo.png" } } },
    { thumbnail: { at: "500ms" } },
  ]);
});
