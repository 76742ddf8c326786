import { expect, it } from "vitest";
import { toVideoColour } from "./video-colour.js";

// SMPTE HD colour bars at 100 %, with the BT.709 values of EBU Tech 3325.
it.each([
  ["#000000", 16, 128, 128],
  ["#ffffff", 235, 128, 128],
  ["#ff0000", 63, 102, 240],
  ["#00ff00", 173, 42, 26],
  ["#0000ff", 32, 240, 118],
  ["#FFFF00", 219, 16, 138],
  ["", 16, 128, 128],
])("%s", (colour, luma, blue, red) => {
  expect(toVideoColour(colour)).toEqual({ luma, blue, red });
});

it.each(["red", "#12345", "#12345g", "#000000:x=1", "0x000000"])("refuses %s", (colour) => {
  expect(() => toVideoColour(colour)).toThrow(/is no colour/);
});
