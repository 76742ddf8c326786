import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { TranscodeSchema, VideoFit } from "@polyreel/contract";
import { expect, it } from "vitest";
import { enlargementFault } from "./enlargement.js";

type Settings = MessageInitShape<typeof TranscodeSchema>;

const { COVER, PAD, CONTAIN } = VideoFit;
const SD = { width: 854, height: 480 };
const HD = { width: 1280, height: 720 };
const faultOf = (picture: typeof SD, one: Settings) => enlargementFault(picture, create(TranscodeSchema, one));

it.each<[string, typeof SD, Settings, string, RegExp]>([
  [
    "4K of 480p",
    SD,
    { shortSide: 2160 },
    "shortSide",
    /^Choose shortSide 480 or less, or a preset for 480p, or write upscale: true\./,
  ],
  ["1080p of 720p", HD, { shortSide: 1080 }, "shortSide", /^Choose shortSide 720 or less/],
  ["a portrait 720p as 1080p", { width: 720, height: 1280 }, { shortSide: 1080 }, "shortSide", /720 or less/],
  ["a height above the picture's", SD, { height: 2160 }, "height", /^Choose a height up to 480/],
  ["a width above the picture's", SD, { width: 1280 }, "width", /^Choose a width up to 854/],
  ["a box to cover that is wider", SD, { width: 960, height: 240, fit: COVER }, "width", /up to 854/],
])("refuses %s", (_, picture, settings, field, remedy) => {
  expect(faultOf(picture, settings)).toMatchObject({ field, remedy: expect.stringMatching(remedy) });
  expect(faultOf(picture, { ...settings, upscale: true })).toBeUndefined();
});

it.each<[string, typeof SD, Settings]>([
  ["its own size", SD, { width: 854 }],
  ["480p of less, for every video has a lowest rung", { width: 320, height: 180 }, { shortSide: 480 }],
  ["1080p of 900p, which 720p would reduce", { width: 1600, height: 900 }, { shortSide: 1080 }],
  ["1080p of a wide film", { width: 1920, height: 800 }, { shortSide: 1080 }],
  ["1080p of a square", { width: 1080, height: 1080 }, { shortSide: 1080 }],
  ["a cropped 1080p as 1920 pixels", { width: 1916, height: 1076 }, { width: 1920 }],
  ["a box that it fits in", SD, { width: 1920, height: 1080, fit: CONTAIN }],
  ["a box with bars", SD, { width: 1920, height: 1080, fit: PAD }],
])("accepts %s", (_, picture, settings) => expect(faultOf(picture, settings)).toBeUndefined());
