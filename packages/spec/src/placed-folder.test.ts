import { expect, it } from "vitest";
import { parsePlaced, spellPlaced } from "./placed-folder.js";

it.each([
  [".", { destination: "", bucket: "", path: "." }],
  ["spring/a.mp4", { destination: "", bucket: "", path: "spring/a.mp4" }],
  ["@joe/a.mp4", { destination: "", bucket: "", path: "@joe/a.mp4" }],
  ["ads:", { destination: "ads", bucket: "", path: "." }],
  ["ads:/spring/a.mp4", { destination: "ads", bucket: "", path: "spring/a.mp4" }],
  ["ads:eu.media", { destination: "ads", bucket: "eu.media", path: "." }],
  ["ads:eu/spring", { destination: "ads", bucket: "eu", path: "spring" }],
])("spells and parses %s", (spelt, placed) => {
  expect(parsePlaced(spelt)).toEqual(placed);
  expect(spellPlaced(placed)).toBe(spelt);
});
