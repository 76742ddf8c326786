import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { assertDecodable } from "./decoding-work.js";
import { probe } from "./probe.js";

const signal = new AbortController().signal;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-work-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** An animation whose pictures are one pixel each: 23 bytes per picture, whatever the canvas. */
async function gif(width: number, height: number, pictures: number): Promise<string> {
  const word = (value: number) => [value & 255, value >> 8];
  const head = [...Buffer.from("GIF89a"), ...word(width), ...word(height), 0x80, 0, 0, 0, 0, 0, 255, 255, 255];
  const control = [0x21, 0xf9, 4, 0, 4, 0, 0, 0];
  const pixel = [0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0];
  const picture = Buffer.from([...control, ...pixel]);
  const path = join(folder, `${width}x${height}-${pictures}.gif`);
  await writeFile(
    path,
    Buffer.concat([Buffer.from(head), ...Array<Buffer>(pictures).fill(picture), Buffer.from([0x3b])]),
  );
  return path;
}

describe("an animation", () => {
  it.each([
    [14_000, 14_000, 200, "The animation has 200 pictures of 14000x14000 pixels; of that size 101 are allowed."],
    [16, 16, 300_000, "The animation has 300,000 pictures of 16x16 pixels; of that size 199,489 are allowed."],
  ])("of %dx%d pixels and %d pictures is refused", { timeout: 60_000 }, async (width, height, pictures, reason) => {
    await expect(probe(await gif(width, height, pictures), { signal })).rejects.toMatchObject({
      code: "invalid",
      failure: { reason, remedy: expect.stringContaining("smaller or shorter") },
    });
  });

  it("of ordinary size is accepted", { timeout: 60_000 }, async () => {
    expect((await probe(await gif(1920, 1080, 300), { signal })).video).toMatchObject({ width: 1920, still: false });
  });

  it("is judged by its known duration; films, which can be trimmed, are not", () => {
    const video = {
      ...{ codec: "x", width: 10_000, height: 10_000, rotationDegrees: 0, startSeconds: 0, still: false },
      ...{ frameRate: 25, durationSeconds: 100 },
    };
    const of = (container: string) => () =>
      assertDecodable({ container, sizeBytes: 1, durationSeconds: 100, video }, { streams: [] });
    expect(of("apng")).toThrow("2,500 pictures of 10000x10000 pixels");
    expect(of("mov,mp4,m4a,3gp,3g2,mj2")).not.toThrow();
  });
});
