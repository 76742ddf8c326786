import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { ImageSchema } from "@polyreel/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ImageWorkers } from "./image-workers.js";
import { makeImage } from "./make-image.js";
import { bigGif, bigJpeg, bigTiff, bigWebp, tiffOf, withChunk } from "./testing/bombs.js";
import { gifOf, pngOf, quarters, written } from "./testing/pictures.js";

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

const made = (path: string, settings: MessageInitShape<typeof ImageSchema>) =>
  makeImage({ path }, create(ImageSchema, settings), { workers, tempDir: folder, signal });

describe("hostile files", () => {
  const svg = Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="10" height="10"/></svg>',
  );

  it.each<[string, () => Buffer | Promise<Buffer>, RegExp]>([
    ["SVG", () => svg, /^The file is no image\.$/],
    ["SVG after a comment", () => Buffer.concat([Buffer.from("\x01"), svg]), /no image of a supported format/],
    ["PDF", () => Buffer.from("%PDF-1.7\n%\xff\xff\xff\xff\n", "latin1"), /no image of a supported format|damaged/],
    ["900 megapixels of PNG", () => pngOf(30_000, 30_000, Buffer.alloc(1000)), /too many pixels/],
    ["900 megapixels of JPEG", () => bigJpeg(30_000, 30_000), /too many pixels/],
    ["900 megapixels of GIF", () => bigGif(30_000, 30_000), /too many pixels/],
    ["900 megapixels of TIFF", () => bigTiff(30_000, 30_000), /too many pixels/],
    ["900 megapixels of WebP, beyond its sides", () => bigWebp(30_000, 30_000), /too many pixels|damaged/],
    ["a GIF of 10,000 frames", () => gifOf(10_000), /has 10,000 pictures; .* at most 5,000/],
    ["a TIFF of 10,000 pages", () => tiffOf(10_000), /has 10,000 pictures; .* at most 5,000/],
    ["a PNG of fewer lines than it claims", () => pngOf(4000, 4000, Buffer.alloc(4001 * 5)), /damaged or incomplete/],
    [
      "half a JPEG",
      async () => (await quarters(800, 800).jpeg().toBuffer()).subarray(0, 3000),
      /damaged or incomplete/,
    ],
    [
      "random bytes",
      () => Buffer.from("\xff\xd8\xff\xe0random bytes and nothing more", "latin1"),
      /damaged or incomplete/,
    ],
  ])("refuses %s", async (name, bytes, reason) => {
    const path = await written(folder, `hostile-${name.length}`, await bytes());
    await expect(made(path, { width: 10 })).rejects.toMatchObject({
      code: "invalid",
      failure: { reason: expect.stringMatching(reason) },
    });
  });

  it.each<[string, () => Buffer | Promise<Buffer>]>([
    ["a profile that unpacks to 200 MB", async () => withChunk(await png(), "iCCP", "x\0\0", 200e6)],
    ["a text that unpacks to 200 MB", async () => withChunk(await png(), "zTXt", "x\0\0", 200e6)],
    ["TIFF directories that loop", () => tiffOf(3, { loops: true })],
  ])("makes an image of a file with %s, or refuses it, with little memory and time", async (name, bytes) => {
    const path = await written(folder, `bomb-${name.length}`, await bytes());
    const began = performance.now();
    const result = await made(path, { width: 10, keepMetadata: true, keepProfile: true }).catch((error) => error.code);
    expect(["invalid", "object"]).toContain(typeof result === "string" ? result : typeof result);
    expect(performance.now() - began).toBeLessThan(20_000);
    // The program works on.
    await made(await written(folder, "good.png", quarters().png()), { width: 10 });
  });
});

const png = () => quarters().png().toBuffer();
