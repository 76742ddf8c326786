import { expect, it } from "vitest";
import type { MediaFacts } from "./media-facts.js";
import { formatOf } from "./media-format.js";

const MOV = "mov,mp4,m4a,3gp,3g2,mj2";
const MKV = "matroska,webm";
const facts = (container: string, video = "h264", audio = "aac", still = false): MediaFacts => ({
  ...{ container, sizeBytes: 1, durationSeconds: 1 },
  picture: { codec: video, width: 2, height: 2, frameRate: 25, still },
  sound: { codec: audio },
});

it.each([
  ["mp4", facts(MOV), "a.mp4"],
  ["mp4", facts(MOV), ""],
  ["mov", facts(MOV), "a.MOV"],
  ["mp4", facts(MOV), "a.webm"],
  ["webm", facts(MKV, "vp9", "opus"), "a.webm"],
  ["webm", facts(MKV, "vp9", "opus"), ""],
  ["mkv", facts(MKV, "vp9", "opus"), "a.mkv"],
  ["mkv", facts(MKV), "a.webm"],
  ["avi", facts("avi", "mpeg4", "mp3"), "a.mp4"],
  ["image", facts("png_pipe", "png", "", true), "a.mp4"],
  ["ogg", facts("ogg", "theora", "vorbis"), "a.ogv"],
])("is %s", (format, found, fileName) => {
  expect(formatOf(found, fileName)).toBe(format);
});
