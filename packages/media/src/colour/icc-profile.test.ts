import { describe, expect, it } from "vitest";
import { converted } from "./gamut.js";
import { gamutOfProfile } from "./icc-profile.js";
import { buildProfile, COLORANTS, CURVES } from "./testing/build-profile.js";

const { srgb, srgbTable, gamma } = CURVES;

describe("gamutOfProfile", () => {
  // #20a030 in the code values of each profile, rounded: in ProPhoto one level is worth up to four of sRGB's.
  it.each([
    ["Display P3", COLORANTS.displayP3, srgb, [77, 158, 65]],
    ["Display P3 with a table", COLORANTS.displayP3, srgbTable, [77, 158, 65]],
    ["Adobe RGB", COLORANTS.adobeRgb, gamma(2.2), [94, 159, 61]],
    ["ProPhoto", COLORANTS.proPhoto, gamma(1.8), [81, 133, 57]],
    ["Rec. 2020", COLORANTS.rec2020, srgb, [99, 154, 68]],
  ] as const)("%s", (_name, colorants, curve, [r, g, b]) => {
    const gamut = gamutOfProfile(buildProfile(colorants, curve));
    if (!gamut) throw new Error("it is taken for sRGB");
    const found = converted(gamut, [r / 255, g / 255, b / 255]).map((value) => 255 * value);
    for (const [i, expected] of [32, 160, 48].entries()) expect(Math.abs((found[i] ?? 0) - expected)).toBeLessThan(4);
  });

  it.each([
    ["sRGB", buildProfile(COLORANTS.srgb, srgb)],
    ["sRGB with a table", buildProfile(COLORANTS.srgb, srgbTable)],
    ["a profile cut short", buildProfile(COLORANTS.displayP3, srgb).subarray(0, 200)],
    ["zeros", Buffer.alloc(1000)],
    ["nothing", Buffer.alloc(0)],
    ["colours all alike", buildProfile([COLORANTS.srgb[0], COLORANTS.srgb[0], COLORANTS.srgb[0]], srgb)],
  ])("leaves pictures with %s unchanged", (_name, profile) => {
    expect(gamutOfProfile(profile)).toBeUndefined();
  });

  it("converts by the curve alone if the primaries are BT.709's", () => {
    expect(gamutOfProfile(buildProfile(COLORANTS.srgb, gamma(1.8)))).toBeDefined();
  });
});
