import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Canvas, createCanvas } from "@napi-rs/canvas";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { REAL_MEDIA } from "../testing/real-media.js";
import { DRAWN_BACKDROPS, drawnBackdrop, PORTRAIT, realBackdrop } from "./testing/backdrops.js";
import { overlay } from "./testing/drawn.js";
import { contrastOn, drawSpecimen, frameOf, PHONE_WIDTH, type Specimen } from "./testing/legibility.js";

/** Level AA of WCAG 2.2 for text of any size. */
const LEGIBLE = 4.5;
const DEFAULT_SIZE = 0.07;
const SMALL = 0.035;

/** A frame of each, at these seconds. */
const REAL: readonly [file: string, seconds: number][] = [
  ["friday.mp4", 1],
  ["friday.mp4", 4],
  ["flower.mp4", 1],
  ["flower.webm", 4],
  ["bug_video_640.mp4", 1],
  ["bug_video_640.mp4", 5],
  ["tears-of-steel.webm", 10],
  ["tears-of-steel.webm", 30],
  ["tears-of-steel.webm", 50],
  ["balloons-landscape.jpg", 0],
  ["leopard.jpg", 0],
];

const backdrops = new Map<string, Canvas>();
beforeAll(async () => {
  for (const name of DRAWN_BACKDROPS) backdrops.set(name, drawnBackdrop(name));
  if (!REAL_MEDIA) return;
  for (const [file, seconds] of REAL) {
    backdrops.set(`${file} at ${seconds} s`, await realBackdrop(join(REAL_MEDIA, file), seconds));
  }
});

const specimenOf = (colour: string, size: number, width: number) =>
  drawSpecimen(overlay("Half price 50% today", { position: "center", size, color: `${colour}ff` }), width);

describe("a text without outline, shadow and box is legible on every picture", () => {
  test.each(["#ffffff", "#111111", "#ffe600", "#0000ff", "#00c853"])("%s, small ones on phones too", async (colour) => {
    for (const size of [DEFAULT_SIZE, SMALL])
      for (const width of [PORTRAIT.width, PHONE_WIDTH]) expectLegible(await specimenOf(colour, size, width));
  });

  // Colours of medium brightness contrast 5.3 at most with anything: too little for a font of ten pixels, all of which
  // are mixed with their surroundings.
  test.each(["#ff0000", "#808080", "#ff2d87"])("%s, in the default size on phones", async (colour) => {
    expectLegible(await specimenOf(colour, DEFAULT_SIZE, PORTRAIT.width));
    expectLegible(await specimenOf(colour, SMALL, PORTRAIT.width));
    expectLegible(await specimenOf(colour, DEFAULT_SIZE, PHONE_WIDTH));
  });
});

function expectLegible(specimen: Specimen): void {
  const illegible = [...backdrops].flatMap(([name, backdrop]) => {
    const found = contrastOn(specimen, backdrop);
    return found >= LEGIBLE ? [] : [`${name}: ${found.toFixed(2)}`];
  });
  expect(illegible).toEqual([]);
}

test("the measure finds letters that are lost", async () => {
  const bare = await drawSpecimen(overlay("Half", { size: DEFAULT_SIZE, shadowColor: "#00000000" }));
  expect(contrastOn(bare, drawnBackdrop("white"))).toBe(1);
  expect(contrastOn(bare, drawnBackdrop("black"))).toBeCloseTo(21);
  expect(contrastOn(bare, drawnBackdrop("checks"))).toBe(1);
});

/** For people to look at: every backdrop with white and dark text, as large as on the canvas and as on a phone. */
afterAll(async () => {
  const columns = await Promise.all(
    ["#ffffff", "#111111", "#ff0000"].flatMap((colour) => [
      specimenOf(colour, DEFAULT_SIZE, PORTRAIT.width / 2),
      specimenOf(colour, SMALL, PHONE_WIDTH),
    ]),
  );
  const rowHeight = Math.max(...columns.map(({ height }) => height));
  const sheet = createCanvas(
    columns.reduce((sum, { width }) => sum + width, 0),
    rowHeight * backdrops.size,
  );
  const context = sheet.getContext("2d");
  [...backdrops.values()].forEach((backdrop, row) => {
    let x = 0;
    for (const specimen of columns) {
      context.drawImage(frameOf(specimen, backdrop), x, row * rowHeight);
      x += specimen.width;
    }
  });
  const folder = resolve(import.meta.dirname, "../../../../out/gallery");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "legibility.png"), await sheet.encode("png"));
});
