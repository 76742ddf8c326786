import { create } from "@bufbuild/protobuf";
import { Platform, SidesSchema } from "@polyreel/contract";
import { expect, test } from "vitest";
import { sidesOn } from "./safe-area.js";

const sides = create(SidesSchema, { top: 0.1, right: 0.2, bottom: 0.3, left: 0.15 });

test.each([
  ["a portrait canvas", Platform.TIKTOK, 1080, 1920, sides],
  ["one that is rounded to even pixels", Platform.TIKTOK, 406, 720, sides],
  ["a square canvas", Platform.TIKTOK, 1080, 1080, undefined],
  ["4:5", Platform.FEED, 1080, 1350, undefined],
  ["a landscape canvas without a platform", Platform.UNSPECIFIED, 1920, 1080, sides],
] as const)("on %s", (_what, safeAreaPlatform, width, height, expected) => {
  expect(sidesOn({ safeAreaSides: sides, safeAreaPlatform }, { width, height })).toEqual(expected);
});
