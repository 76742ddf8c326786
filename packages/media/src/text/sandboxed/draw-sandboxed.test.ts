import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { TextOverlaySchema } from "@polyreel/contract";
import { NEEDS_LINUX } from "@polyreel/platform/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { TextScene } from "../render-texts.js";
import { makeFont, makeFontBomb } from "../testing/make-font.js";
import { writeTexts } from "../write-texts.js";
import { drawSandboxed } from "./draw-sandboxed.js";
import type { DrawnText } from "./job.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-apart-"));
});
afterEach(() => rm(folder, { recursive: true }));

const HASH = "ab".repeat(32);
const style = { size: 0.1, color: "#ffffffff", maxWidth: 0.9, align: "center", safeArea: 0.06, weight: 400 };
const { signal } = new AbortController();

async function drawn(font: Buffer, text: MessageInitShape<typeof TextOverlaySchema>, cancelled = signal) {
  const path = join(folder, "font");
  await writeFile(path, font);
  const scene: TextScene = {
    canvas: { width: 180, height: 320 },
    stretch: { fromSeconds: 0, toSeconds: 2 },
    fontPath: async () => path,
  };
  const texts = [create(TextOverlaySchema, { ...style, fontSha256: HASH, ...text })];
  const apart = () => drawSandboxed(texts, scene, { folder, signal: cancelled });
  const here = async () => {
    const all: DrawnText[] = [];
    for await (const one of writeTexts(texts, scene, folder)) all.push(one);
    return all;
  };
  return { apart, here };
}

it("draws the same as in this process", async () => {
  const words = ["Now", "or", "now"].map((text, i) => ({ text, startSeconds: i / 2, endSeconds: i / 2 + 0.4 }));
  const { apart, here } = await drawn(makeFont("Squares", "Now"), { words });
  const [one, other] = [await apart(), await here()];
  expect(one).toHaveLength(3);
  expect(one.map(({ path: _, ...rest }) => rest)).toEqual(other.map(({ path: _, ...rest }) => rest));
  for (const [i, { path }] of one.entries()) {
    expect(await readFile(path)).toEqual(await readFile(other[i]?.path ?? ""));
  }
});

it("reports the same errors as in this process", async () => {
  const { apart } = await drawn(Buffer.from("no font at all, but long enough"), { text: "Now" });
  await expect(apart()).rejects.toMatchObject({
    code: "invalid",
    failure: { field: "texts[0]", reason: expect.stringMatching(/^The font file abababababab… is no font file/) },
  });
});

it("ends a font that would loop for years, and reports it", { ...NEEDS_LINUX, timeout: 300_000 }, async () => {
  const { apart } = await drawn(makeFontBomb("Circles", "Now"), { text: "Now" });
  await expect(apart()).rejects.toMatchObject({
    code: "invalid",
    failure: { field: "texts[0]", reason: expect.stringMatching(/takes too long to draw with\.$/) },
  });
  expect(await readdir(folder)).toEqual(["font"]);
});

it("ends after an abort", async () => {
  const stop = new AbortController();
  const { apart } = await drawn(makeFontBomb("Circles", "Now"), { text: "Now" }, stop.signal);
  const drawing = apart();
  setTimeout(() => stop.abort(), 300);
  await expect(drawing).rejects.toMatchObject({ code: "cancelled" });
});
