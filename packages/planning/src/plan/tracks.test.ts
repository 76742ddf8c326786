import type { JsonObject } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { ScopeCounts } from "../estimate/scope-counts.js";
import { all, bed, blueprint, body, hook, hook2 } from "./testing/world.js";

const blocks = [hook, hook2(), body, bed];
const planned = (transcode: JsonObject, canvas: JsonObject = { width: 320, height: 240 }) => {
  const plan = blueprint(blocks, { canvas, outputs: [{ name: "web", transcode }] });
  const assemblies = all(plan);
  const scopes = new ScopeCounts(plan.batch.outputs);
  for (const assembly of assemblies) scopes.add(assembly);
  return { assemblies, scopes: scopes.list };
};
const scopesOf = (transcode: JsonObject, canvas?: JsonObject) =>
  planned(transcode, canvas).scopes.map(({ scope, distinct, videos }) => [scope, Number(distinct), Number(videos)]);

const [CLIP, TIMELINE, COMBINATION] = [1, 2, 3];
const WEBM = "MEDIA_CONTAINER_WEBM";

it("plans a track for each distinct clip, and one for each soundtrack, whichever combination has them", () => {
  const { assemblies } = planned({ container: WEBM, shortSide: 120 });
  expect(assemblies).toHaveLength(8);
  for (const { files, combination } of assemblies) {
    const [file] = files;
    expect(file?.kind === "tracks" && file.clips.map(({ recipe }) => recipe.value.input.value)).toEqual(
      combination.clips.map(({ hash }) => hash),
    );
  }
  const [one] = assemblies;
  expect(one?.files[0]).toMatchObject({
    clips: [{ origins: [{ block: "hook", choice: "a" }] }, {}, {}],
    sound: { recipe: { value: { input: { value: { clipHashes: [], soundHash: one?.combination.soundHash } } } } },
    plan: { hash: "", contentType: "video/webm", joined: { soundHash: "" } },
  });
});

// Three distinct clips; one combination of eight has no sound.
it.each<[string, JsonObject, (number | undefined)[][]]>([
  ["size in MP4, AAC as it is", { shortSide: 120 }, [[CLIP, 3, 8]]],
  [
    "size in WebM",
    { container: WEBM, shortSide: 120 },
    [
      [CLIP, 3, 8],
      [TIMELINE, 7, 7],
    ],
  ],
  ["the same size in WebM without sound", { container: WEBM, audioCodec: "AUDIO_CODEC_NONE" }, [[CLIP, 3, 8]]],
  ["quality", { crf: 30 }, [[CLIP, 3, 8]]],
  [
    "loudness, of the sound alone, and refuses it without any",
    { shortSide: 120, loudnessLufs: -20 },
    [
      [CLIP, 3, 7],
      [TIMELINE, 7, 7],
    ],
  ],
  [
    "a lower rate of sound",
    { shortSide: 120, audioKbps: 96 },
    [
      [CLIP, 3, 8],
      [TIMELINE, 7, 7],
    ],
  ],
  ["a mark over all of it", { shortSide: 120, watermark: { text: "x" } }, [[CLIP, 3, 8]]],
  ["half the frames, where a clip has an odd number", { fps: 15 }, [[COMBINATION, 8, 8]]],
  ["a third of the frames", { fps: 10 }, [[CLIP, 3, 8]]],
  ["the canvas's rate", { shortSide: 120, fps: 30 }, [[CLIP, 3, 8]]],
  ["nothing: a copy", {}, [[COMBINATION, 8, 8]]],
  ["a cap alone: a copy, if the whole is below it", { maxVideoKbps: 900 }, [[COMBINATION, 8, 8]]],
  ["a mark for a time", { shortSide: 120, watermark: { text: "x", during: { end: "1s" } } }, [[COMBINATION, 8, 8]]],
  ["a target size", { shortSide: 120, targetMegabytes: 1 }, [[COMBINATION, 8, 8]]],
  ["a stretch", { shortSide: 120, trim: { start: "1s" } }, [[COMBINATION, 8, 8]]],
  ["key frames at exact times", { shortSide: 120, gopSeconds: 1 }, [[COMBINATION, 8, 8]]],
  ["AV1, which has no joiner", { shortSide: 120, videoCodec: "VIDEO_CODEC_AV1" }, [[COMBINATION, 8, 8]]],
  ["nothing if it is impossible", { crop: { width: 4000, height: 20 } }, []],
])("applies %s", (_, transcode, expected) => {
  expect(scopesOf(transcode)).toEqual(expected);
});

it("takes 29.97 for the canvas's rate, and not 30", () => {
  const canvas = { width: 320, height: 240, frameRate: 29.97 };
  expect(scopesOf({ shortSide: 120, fps: 29.97 }, canvas)).toEqual([[CLIP, 3, 8]]);
  expect(scopesOf({ shortSide: 120, fps: 30 }, canvas)).toEqual([[COMBINATION, 8, 8]]);
});

it("shares tracks of the picture among outputs that differ in sound only", () => {
  const clipsOf = (transcode: JsonObject) => {
    const [file] = planned(transcode).assemblies[0]?.files ?? [];
    return file?.kind === "tracks" ? file.clips.map(({ hash }) => hash) : [];
  };
  expect(clipsOf({ shortSide: 120 })).toEqual(clipsOf({ shortSide: 120, loudnessLufs: -20 }));
  expect(clipsOf({ shortSide: 120 })).not.toEqual(clipsOf({ shortSide: 120, crf: 30 }));
});
