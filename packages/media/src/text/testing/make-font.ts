/**
 * A small TrueType font with known content: each of its characters is a filled square as wide and high as the font
 * size, nothing else has a glyph.
 */
export function makeFont(family: string, characters: string, weight = 400): Buffer {
  const codes = codesOf(characters);
  const square = squareGlyph();
  // Glyph 0 is empty, all others are the same square.
  return fontOf({ family, codes, weight, glyphs: [0, ...codes.map(() => 0), square.length], outlines: square });
}

/** Depth of the font below: each letter takes 2 to this power steps. */
const BOMB_DEPTH = 40;

/**
 * A font of two kilobytes that takes years to draw: each letter is composed of twice the next glyph, that one of twice
 * the next, and so on, down to an empty one. TrueType limits the depth, but not the total.
 */
export const makeFontBomb = (family: string, characters: string): Buffer =>
  compositeFont(family, characters, BOMB_DEPTH, (glyph) => glyph + 1);

/** A font whose letters are recursive: the glyph below them contains itself. */
export const makeCyclicFont = (family: string, characters: string): Buffer =>
  compositeFont(family, characters, 1, (glyph) => glyph);

/** A font whose letters are nested `depth` glyphs deep, each containing the next one twice. */
export const makeDeepFont = (family: string, characters: string, depth: number): Buffer =>
  compositeFont(family, characters, depth, (glyph) => glyph + 1);

/**
 * Letters that contain the first of `depth` further glyphs twice, each of which contains twice the one that `next`
 * names; the last is empty.
 */
function compositeFont(family: string, characters: string, depth: number, next: (glyph: number) => number): Buffer {
  const codes = codesOf(characters);
  const twice = (glyph: number) =>
    Buffer.concat([
      words(-1, 0, 0, EM, EM),
      words(MORE_FOLLOW | ARGUMENTS_ARE_PLACES, glyph, 0),
      words(ARGUMENTS_ARE_PLACES, glyph, 0),
    ]);
  const below = codes.length + 1;
  const outlines = [
    ...codes.map(() => twice(below)),
    ...Array.from({ length: depth }, (_, i) => twice(next(below + i))),
  ];
  const ends = outlines.map((_, i) => (i + 1) * twice(0).length);
  const glyphs = [0, 0, ...ends, ends.at(-1) ?? 0];
  return fontOf({ family, codes, weight: 400, glyphs, outlines: Buffer.concat(outlines) });
}

/** Flags of a component (OpenType, glyf table). */
const ARGUMENTS_ARE_PLACES = 0x0002;
const MORE_FOLLOW = 0x0020;

const codesOf = (characters: string): number[] =>
  [...new Set(characters)].map((character) => character.codePointAt(0) ?? 0).sort((a, b) => a - b);

/** `glyphs`: offset of each glyph in `outlines`, the first without an outline, and the end of the last one. */
function fontOf(font: { family: string; codes: number[]; weight: number; glyphs: number[]; outlines: Buffer }): Buffer {
  const { family, codes, weight, glyphs, outlines } = font;
  const count = glyphs.length - 1;
  return assemble([
    ["OS/2", os2(weight)],
    ["cmap", characterMap(codes)],
    ["glyf", outlines],
    ["head", head()],
    ["hhea", hhea(count)],
    ["hmtx", words(...Array.from({ length: count }, () => [EM, 0]).flat())],
    ["loca", words(...glyphs.map((offset) => offset / 2))], // Offsets are halved.
    ["maxp", maxp(count)],
    ["name", names(family)],
    ["post", post()],
  ]);
}

const EM = 1000;

function assemble(tables: readonly [string, Buffer][]): Buffer {
  const directory = Buffer.alloc(12 + 16 * tables.length);
  directory.writeUInt32BE(0x00010000, 0);
  directory.writeUInt16BE(tables.length, 4);
  const bodies: Buffer[] = [];
  let offset = directory.length;
  tables.forEach(([tag, body], i) => {
    directory.write(tag, 12 + 16 * i, "latin1");
    directory.writeUInt32BE(offset, 12 + 16 * i + 8);
    directory.writeUInt32BE(body.length, 12 + 16 * i + 12);
    const padded = Buffer.concat([body, Buffer.alloc(-body.length & 3)]);
    bodies.push(padded);
    offset += padded.length;
  });
  return Buffer.concat([directory, ...bodies]);
}

function squareGlyph(): Buffer {
  const points = 4;
  const header = words(1, 0, 0, EM, EM, points - 1, 0);
  const onCurve = Buffer.alloc(points, 1);
  return Buffer.concat([header, onCurve, words(0, 0, EM, 0), words(0, EM, 0, -EM)]);
}

function characterMap(codes: readonly number[]): Buffer {
  const table = Buffer.alloc(12 + 16 + 12 * codes.length);
  // One subtable: Windows, full Unicode.
  words(0, 1, 3, 10).copy(table);
  table.writeUInt32BE(12, 8);
  table.writeUInt16BE(12, 12);
  table.writeUInt32BE(table.length - 12, 16);
  table.writeUInt32BE(codes.length, 24);
  codes.forEach((code, i) => {
    table.writeUInt32BE(code, 28 + 12 * i);
    table.writeUInt32BE(code, 32 + 12 * i);
    table.writeUInt32BE(i + 1, 36 + 12 * i);
  });
  return table;
}

function head(): Buffer {
  const table = Buffer.alloc(54);
  table.writeUInt32BE(0x00010000, 0);
  table.writeUInt32BE(0x5f0f3cf5, 12);
  words(EM).copy(table, 18);
  words(0, 0, EM, EM).copy(table, 36);
  return table;
}

function hhea(glyphs: number): Buffer {
  const table = Buffer.alloc(36);
  words(1, 0, EM, 0, 0, EM).copy(table);
  words(glyphs).copy(table, 34);
  return table;
}

function maxp(glyphs: number): Buffer {
  const table = Buffer.alloc(32);
  words(1, 0, glyphs, 4, 1).copy(table);
  words(2).copy(table, 14);
  words(2, 2 * BOMB_DEPTH).copy(table, 28); // Number of components, and their depth.
  return table;
}

function os2(weight: number): Buffer {
  const table = Buffer.alloc(96);
  words(4, EM, weight, 5).copy(table);
  words(EM, 0, 0, EM, 0).copy(table, 68);
  return table;
}

function names(family: string): Buffer {
  const entries: [number, string][] = [
    [1, family],
    [2, "Regular"],
    [4, family],
    [6, family.replaceAll(" ", "")],
  ];
  const texts = entries.map(([, text]) => Buffer.from(text, "utf16le").swap16());
  const records = entries.map(([id], i) => {
    const before = texts.slice(0, i).reduce((sum, { length }) => sum + length, 0);
    return words(3, 1, 0x409, id, texts[i]?.length ?? 0, before);
  });
  return Buffer.concat([words(0, entries.length, 6 + 12 * entries.length), ...records, ...texts]);
}

function post(): Buffer {
  const table = Buffer.alloc(32);
  table.writeUInt32BE(0x00030000, 0);
  return table;
}

/** 16-bit big endian, signed or not. */
function words(...values: number[]): Buffer {
  const table = Buffer.alloc(2 * values.length);
  values.forEach((value, i) => {
    table.writeUInt16BE(value & 0xffff, 2 * i);
  });
  return table;
}
