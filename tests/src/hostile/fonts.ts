import { makeCyclicFont, makeDeepFont, makeFont } from "@polyreel/media/testing";
import type { Trap } from "./traps.js";

const LETTERS = "HoaxNow ";

/** Fonts whose glyphs nest endlessly, and whose tables claim to be far larger than they are. */
export const fonts = (): Trap[] => [
  { name: "cyclic.ttf", bytes: makeCyclicFont("Cyclic", LETTERS) },
  { name: "deep.ttf", bytes: makeDeepFont("Deep", LETTERS, 20_000) },
  { name: "padded.ttf", bytes: Buffer.concat([makeFont("Padded", LETTERS), Buffer.alloc(31 << 20)]) },
  { name: "too-large.ttf", bytes: Buffer.concat([makeFont("Large", LETTERS), Buffer.alloc(33 << 20)]) },
  { name: "glyphs.ttf", bytes: withNumber(makeFont("Glyphs", LETTERS), "maxp", 4, 0xffff) },
  { name: "metrics.ttf", bytes: withNumber(makeFont("Metrics", LETTERS), "hhea", 34, 0xffff) },
  { name: "em.ttf", bytes: withNumber(makeFont("Em", LETTERS), "head", 18, 0) },
  { name: "map.ttf", bytes: withNumber(makeFont("Map", LETTERS), "cmap", 24, 0xffff) },
  { name: "names.ttf", bytes: withNumber(makeFont("Names", LETTERS), "name", 2, 0xffff) },
  ...["glyf", "cmap", "loca", "name", "post"].map((tag) => ({
    name: `claims-${tag}.ttf`,
    bytes: withLength(makeFont("Claims", LETTERS), tag, 0x7fffffff),
  })),
  {
    name: "collection.otf",
    bytes: Buffer.concat([Buffer.from("ttcf\0\x01\0\0\xff\xff\xff\xff", "latin1"), Buffer.alloc(64)]),
  },
  { name: "woff.ttf", bytes: Buffer.from(`wOFF\0\x01\0\0\xff\xff\xff\xff\0\xff\0\0${"\xff".repeat(64)}`, "latin1") },
];

/** Position of a table's record in the directory. */
const recordOf = (font: Buffer, tag: string): number => font.indexOf(tag, 12, "latin1");

/** Sets a 16-bit number of a table. */
function withNumber(font: Buffer, tag: string, offset: number, value: number): Buffer {
  font.writeUInt16BE(value, font.readUInt32BE(recordOf(font, tag) + 8) + offset);
  return font;
}

function withLength(font: Buffer, tag: string, length: number): Buffer {
  font.writeUInt32BE(length, recordOf(font, tag) + 12);
  return font;
}
