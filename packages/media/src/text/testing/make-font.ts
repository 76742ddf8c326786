/**
 * A small TrueType font, for tests that must know what a font holds: each of its characters is a filled square as wide and
 * high as the font size, nothing else has a glyph.
 */
export function makeFont(family: string, characters: string, weight = 400): Buffer {
  const codes = [...new Set(characters)].map((character) => character.codePointAt(0) ?? 0).sort((a, b) => a - b);
  const glyphs = codes.length + 1;
  const square = squareGlyph();
  const tables: [string, Buffer][] = [
    ["OS/2", os2(weight)],
    ["cmap", characterMap(codes)],
    ["glyf", square],
    ["head", head()],
    ["hhea", hhea(glyphs)],
    ["hmtx", words(...Array.from({ length: glyphs }, () => [EM, 0]).flat())],
    // Glyph 0 is empty, all others are the one square (offsets are halved).
    ["loca", Buffer.concat([words(0), ...codes.map(() => words(0)), words(square.length / 2)])],
    ["maxp", maxp(glyphs)],
    ["name", names(family)],
    ["post", post()],
  ];
  return assemble(tables);
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
