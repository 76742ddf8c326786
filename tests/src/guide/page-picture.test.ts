import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, it } from "vitest";
import { tilesOf } from "./page-picture.js";
import { difference, makeSheet } from "./sheet.js";

let folder: string;
const file = (name: string) => join(folder, `${name}.png`);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-sheet-"));
  for (const background of ["orange", "teal", "#fba100"]) {
    const { data } = await sharp({ create: { width: 90, height: 160, channels: 3, background } })
      .png()
      .toBuffer({ resolveWithObject: true });
    await writeFile(file(background), data);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const sheetOf = (...names: string[]) => makeSheet(names.map((name) => ({ file: file(name), at: 0 })));

it("shows moments of videos spread over the batch's, or the named files", () => {
  const videos = Array.from({ length: 9 }, (_, i) => `v${i}.mp4`);
  expect(tilesOf([...videos, "v0.jpg"], { moments: [0.5] }).map(({ file }) => file)).toEqual(
    ["v0", "v2", "v3", "v5", "v6", "v8"].map((name) => `${name}.mp4`),
  );
  expect(tilesOf(["b.mp4", "a.mp4"])).toEqual(
    ["a.mp4", "b.mp4"].flatMap((video) => [0.25, 0.7].map((at) => ({ file: video, at }))),
  );
  expect(tilesOf([], { tiles: ["a.jpg", "b.mp4@0.9"] })).toEqual([
    { file: "a.jpg", at: 0.5 },
    { file: "b.mp4", at: 0.9 },
  ]);
});

it("accepts a sheet that differs by a shade, and none with another choice, order or number of tiles", async () => {
  const sheet = await sheetOf("orange", "teal");
  expect(await difference(sheet, await sheetOf("#fba100", "teal"))).toBeLessThan(6);
  expect(await difference(sheet, await sheetOf("teal", "orange"))).toBeGreaterThan(6);
  expect(await difference(sheet, await sheetOf("orange", "orange"))).toBeGreaterThan(6);
  expect(await difference(sheet, await sheetOf("orange", "teal", "teal"))).toBe(Number.POSITIVE_INFINITY);
});

it("refuses an empty sheet", async () => {
  await expect(makeSheet([])).rejects.toThrow(/no tiles/);
});
