import { createHash } from "node:crypto";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as library from "@napi-rs/canvas";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fontFlaw, fontFromFile, withFont } from "./font-file.js";
import { fontOf, type TextFont } from "./fonts.js";
import { makeFont } from "./testing/make-font.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "font-file-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function fontOfBytes(bytes: Buffer, weight = 700): Promise<TextFont> {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const path = join(folder, sha256);
  await writeFile(path, bytes);
  return await fontFromFile({ path, sha256, weight }, library);
}

const width = (font: TextFont, text: string): number => {
  const context = library.createCanvas(1, 1).getContext("2d");
  context.font = fontOf(font, 100);
  return context.measureText(text).width;
};
const installed: TextFont = { family: undefined, weight: 700 };

const good = makeFont("Squares", "ABC", 700);
const woff = (signature: string, length: number, unpacked: number) => {
  const bytes = Buffer.alloc(100);
  bytes.write(signature, "latin1");
  bytes.writeUInt32BE(length, 8);
  bytes.writeUInt32BE(unpacked, 16);
  return bytes;
};

test.each<[string, Buffer, RegExp | undefined]>([
  ["a font", good, undefined],
  ["an empty file", Buffer.alloc(0), /is no font file/],
  ["a text", Buffer.from("no font at all, but long enough"), /is no font file/],
  ["a font cut in its tables", good.subarray(0, good.length - 40), /breaks off/],
  ["a font cut in its directory", good.subarray(0, 60), /breaks off/],
  ["a cut WOFF2", woff("wOF2", 101, 1000), /breaks off/],
  ["a WOFF that unpacks to 3 GB", woff("wOFF", 100, 3e9), /too large when unpacked/],
  ["a collection", Buffer.from("ttcf\0\x01\0\0\0\0\0\x02"), /is a collection/],
])("%s", (_what, bytes, flaw) => {
  if (flaw) expect(fontFlaw(bytes)).toMatch(flaw);
  else expect(fontFlaw(bytes)).toBeUndefined();
});

describe("refuses a font file", () => {
  test("with internal damage", async () => {
    const broken = Buffer.from(good);
    broken.fill(0xff, 12 + 16 * 10);
    await expect(fontOfBytes(broken)).rejects.toMatchObject({
      code: "invalid",
      failure: { reason: expect.stringMatching(/^The font file [0-9a-f]{12}… is broken/) },
    });
  });

  test("larger than 32 MB, without reading it", async () => {
    const path = join(folder, "large");
    await writeFile(path, good);
    await truncate(path, (32 << 20) + 1);
    await expect(fontFromFile({ path, sha256: "ab", weight: 700 }, library)).rejects.toMatchObject({
      code: "invalid",
      failure: { reason: expect.stringContaining("too large") },
    });
  });
});

describe("a font from a file", () => {
  test("is used for letters; installed fonts provide what it lacks", async () => {
    const font = await fontOfBytes(good);
    withFont(font, library, () => {
      expect(width(font, "ABC")).toBeCloseTo(300);
      expect(width(font, "x")).toBeCloseTo(width(installed, "x"));
    });
  });

  test.each([400, 700])("of weight %i with the name of an installed one is never confused with it", async (weight) => {
    const before = width(installed, "ABC");
    const impostor = await fontOfBytes(makeFont("Noto Sans", "ABC", weight), weight);
    withFont(impostor, library, () => {
      expect(width(impostor, "ABC")).toBeCloseTo(300);
      width(installed, "ABC");
    });
    expect(width(installed, "ABC")).toBe(before);
    expect(width({ ...installed, weight }, "CBA")).not.toBeCloseTo(300);
  });

  test("is never confused with another one of the same name", async () => {
    const [one, other] = [
      await fontOfBytes(makeFont("Brand", "A", 700)),
      await fontOfBytes(makeFont("Brand", "B", 700)),
    ];
    const widths = (font: TextFont) => withFont(font, library, () => [width(font, "A"), width(font, "B")]);
    const [a = 0, b = 0] = ["A", "B"].map((letter) => width(installed, letter));
    expect(widths(one).map(Math.round)).toEqual([100, Math.round(b)]);
    expect(widths(other).map(Math.round)).toEqual([Math.round(a), 100]);
    expect(widths(one).map(Math.round)).toEqual([100, Math.round(b)]);
  });

  test("is unregistered afterwards, even if its use fails", async () => {
    const families = library.GlobalFonts.families.length;
    const font = await fontOfBytes(good);
    expect(() =>
      withFont(font, library, () => {
        throw new Error("in use");
      }),
    ).toThrow("in use");
    expect(library.GlobalFonts.families).toHaveLength(families);
    expect(width(font, "A")).toBe(width(installed, "A"));
  });
});
