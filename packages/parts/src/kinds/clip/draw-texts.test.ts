import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { ClipRecipeSchema } from "@polyreel/contract";
import { afterEach, beforeEach, expect, test } from "vitest";
import { drawTexts } from "./draw-texts.js";

const { signal } = new AbortController();
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "draw-texts-"));
});
afterEach(() => rm(folder, { recursive: true }));

const style = { size: 0.1, color: "#ffffffff", maxWidth: 0.9, align: "center", safeArea: 0.06, weight: 700 };
const format = { width: 180, height: 320, rateNumerator: 25, rateDenominator: 1 };
const draw = (recipe: Omit<MessageInitShape<typeof ClipRecipeSchema>, "$typeName">, fonts = noFonts) =>
  drawTexts(create(ClipRecipeSchema, { format, frames: 50, ...recipe }), { folder, signal }, fonts);
const noFonts = async (sha256: string): Promise<string> => {
  throw new Error(`Unexpected request for the font ${sha256}.`);
};

/** A word every half second, in one phrase. */
const words = ["so", "it", "is", "said"].map((text, i) => ({ text, startSeconds: i / 2, endSeconds: i / 2 + 0.4 }));

test("texts become pictures in the folder, in the recipe's order, with their fades", async () => {
  const images = await draw({
    texts: [
      { ...style, text: "Above", position: "top", fadeInSeconds: 0.5 },
      { ...style, text: " ", position: "center" },
      { ...style, text: "Below", position: "bottom", fadeOutSeconds: 0.2 },
    ],
  });
  expect(images).toEqual([
    { path: expect.any(String), x: expect.any(Number), y: expect.any(Number), fadeInSeconds: 0.5 },
    { path: expect.any(String), x: expect.any(Number), y: expect.any(Number), fadeOutSeconds: 0.2 },
  ]);
  expect(images[0]?.y).toBeLessThan(images[1]?.y ?? 0);
  for (const { path } of images) expect((await readFile(path)).subarray(1, 4).toString()).toBe("PNG");
});

test("two recipes may draw into the same folder", async () => {
  const texts = [{ ...style, text: "Same" }];
  const images = [...(await draw({ texts })), ...(await draw({ texts }))];
  expect(new Set(images.map(({ path }) => path)).size).toBe(2);
  expect(await readdir(folder)).toHaveLength(2);
});

test("captions are drawn for the stretch only, held frames included, with the times of the whole clip", async () => {
  const texts = [{ ...style, words }];
  const times = (images: Awaited<ReturnType<typeof draw>>) => images.map(({ fromSeconds }) => fromSeconds);
  const whole = await draw({ texts });
  expect(times(whole)).toEqual([0, 0.5, 1, 1.5]);
  const end = await draw({ texts, framesBefore: 30, frames: 5, framesWhole: 50 });
  expect(times(end)).toEqual([1]);
  expect({ ...end[0], path: "" }).toEqual({ ...whole[2], path: "" });
  expect(times(await draw({ texts, framesBefore: 30, frames: 5, holdFrames: 10 }))).toEqual([1, 1.5]);
});

test("a font file is requested by its hash", async () => {
  const texts = [{ ...style, text: "Hello", fontSha256: "cd".repeat(32) }];
  const fonts = async (sha256: string) => (sha256 === "cd".repeat(32) ? import.meta.filename : "nothing");
  await expect(draw({ texts }, fonts)).rejects.toMatchObject({
    code: "invalid",
    failure: { reason: expect.stringContaining("is no font file") },
  });
  expect(await readdir(folder)).toEqual([]);
});
