import { describe, expect, it } from "vitest";
import { nearest, nearNames } from "./nearest.js";

const BLOCKS = ["hook", "body", "headline", "speaker"];

it.each([
  ["hok", "hook"],
  ["HOOK", "hook"],
  ["hoko", "hook"],
  ["headlnie", "headline"],
  ["speak", "speaker"],
  ["line", "headline"],
])("suggests for %s: %s", (name, meant) => {
  expect(nearest(name, BLOCKS)).toBe(meant);
});

it.each(["music", "x", "", "-", "ox", "h".repeat(100_000)])("suggests nothing for %.20s", (name) => {
  expect(nearest(name, BLOCKS)).toBeUndefined();
});

describe("several suggestions", () => {
  const VOICES = ["rms", "en-gb-scotland", "en-us", "en-gb", "de"];

  it.each([
    ["en", ["en-us", "en-gb", "en-gb-scotland"]],
    ["EN_GB", ["en-gb", "en-gb-scotland", "en-us"]],
    ["de-DE", ["de"]],
    ["rmz", ["rms"]],
  ])("for %s are %j, the nearest first", (name, near) => {
    expect(nearNames(name, VOICES, 3)).toEqual(near);
  });

  it("are limited to the requested number", () => {
    expect(nearNames("en", VOICES, 2)).toEqual(["en-us", "en-gb"]);
  });
});
