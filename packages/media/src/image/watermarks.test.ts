import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { Gravity, ImageFormat, ImageSchema } from "@polyreel/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ImageWorkers } from "./image-workers.js";
import { makeImage } from "./make-image.js";
import { decoded, isNear, plain, RED, type Rgb, written } from "./testing/pictures.js";

const { signal } = new AbortController();
const workers = new ImageWorkers({ processes: 2 });
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-image-"));
});
afterAll(async () => {
  await workers.close();
  await rm(folder, { recursive: true });
});

type Settings = MessageInitShape<typeof ImageSchema>;

const made = async (path: string, settings: Settings, markPath?: string) =>
  makeImage({ path, markPath }, create(ImageSchema, settings), { workers, tempDir: folder, signal });

describe("watermarks", () => {
  const GREY: Rgb = [128, 128, 128];
  const photo = () => written(folder, "grey.png", plain(GREY, 400, 200).png());
  const logo = () => written(folder, "logo.png", plain(RED, 40, 20).png());
  const withLogo = async (watermark: NonNullable<Settings["watermark"]>) => {
    const mark = { case: "image" as const, value: {} };
    const settings = { format: ImageFormat.PNG, width: 200, watermark: { mark, ...watermark } };
    return decoded((await made(await photo(), settings, await logo())).payloadPath);
  };

  it.each<[string, Gravity, number, number]>([
    ["southeast", Gravity.UNSPECIFIED, 0.89, 0.89],
    ["northwest", Gravity.NORTHWEST, 0.11, 0.11],
    ["center", Gravity.CENTER, 0.5, 0.5],
    ["south", Gravity.SOUTH, 0.5, 0.89],
    ["east", Gravity.EAST, 0.89, 0.5],
  ])("places an image %s", async (_, gravity, x, y) => {
    const { at } = await withLogo({ gravity });
    const elsewhere = [0.11, 0.5, 0.89].flatMap((a) => [0.11, 0.5, 0.89].map((b) => [a, b] as const));
    for (const [a, b] of elsewhere) {
      const isThere = Math.abs(a - x) < 0.01 && Math.abs(b - y) < 0.01;
      expect(isNear(at(a, b), isThere ? RED : GREY), `${a} ${b}`).toBe(true);
    }
  });

  it("keeps its distance, its size and its opacity", async () => {
    // The result has 200x100 pixels.
    const { at } = await withLogo({ gravity: Gravity.NORTHWEST, offset: { x: 100, y: 50 }, scale: 0.1, opacity: 0.5 });
    expect(isNear(at(0.49, 0.55), GREY)).toBe(true);
    expect(isNear(at(0.55, 0.55), [174, 79, 84])).toBe(true);
    expect(isNear(at(0.61, 0.55), GREY)).toBe(true);
    expect(at(0.55, 0.55)[3]).toBe(255);
  });

  it("is repeated, with space between", async () => {
    const { at } = await withLogo({ tiled: true, offset: { x: 40, y: 20 } });
    // Tiles of 80x40 pixels, of which the left upper quarter shows.
    for (const x of [10, 90, 170]) {
      for (const y of [5, 45, 85]) expect(isNear(at(x / 200, y / 100), RED), `${x} ${y}`).toBe(true);
    }
    for (const x of [60, 140]) expect(isNear(at(x / 200, 0.05), GREY), `${x}`).toBe(true);
  });

  it("is reduced where it does not fit", async () => {
    const small = await written(folder, "tiny.png", plain(GREY, 20, 20).png());
    const watermark = { mark: { case: "image" as const, value: {} }, gravity: Gravity.CENTER };
    const { payloadPath } = await made(small, { format: ImageFormat.PNG, watermark }, await logo());
    const { at } = await decoded(payloadPath);
    expect([isNear(at(0.5, 0.5), RED), isNear(at(0.5, 0.1), GREY)]).toEqual([true, true]);
  });

  it("draws a text", async () => {
    const mark = { case: "text" as const, value: "POLYREEL" };
    const settings = { format: ImageFormat.PNG, watermark: { mark, color: "#ff0000ff", scale: 0.5 } };
    const { at } = await decoded((await made(await photo(), settings)).payloadPath);
    const count = (x0: number, x1: number, y0: number, y1: number) => {
      let reds = 0;
      for (let x = x0; x < x1; x += 0.005)
        for (let y = y0; y < y1; y += 0.01) if (isNear(at(x, y), [255, 0, 0], 60)) reds++;
      return reds;
    };
    expect(count(0.5, 1, 0.6, 1)).toBeGreaterThan(50);
    expect([count(0, 0.5, 0, 1), count(0, 1, 0, 0.6)]).toEqual([0, 0]);
  });

  it("is named if it is broken", async () => {
    const watermark = { mark: { case: "image" as const, value: {} } };
    const broken = await written(folder, "broken.png", (await plain(RED).png().toBuffer()).subarray(0, 60));
    await expect(made(await photo(), { watermark }, broken)).rejects.toMatchObject({
      code: "invalid",
      failure: { field: "watermark", reason: expect.stringMatching(/^The watermark: The image is damaged/) },
    });
  });
});
