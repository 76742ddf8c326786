import { type Gamut, profiledGamut } from "./gamut.js";
import { type Matrix, type Triple, transposed } from "./matrix.js";
import { closestCurve, gammaCurve, type ToneCurve } from "./tone-curve.js";

const HEADER_BYTES = 128;
/** Profiles have about 20; further ones are ignored. */
const MAX_TAGS = 100;
const MAX_TABLE = 4096;

/**
 * The conversion defined by a profile's matrix and curves (ICC.1:2010, 8.4.3: "three-component matrix-based").
 * Undefined for sRGB, for profiles of other kinds (tables, CMYK, grey), and for damaged ones: such pictures are treated
 * as sRGB.
 */
export function gamutOfProfile(profile: Buffer): Gamut | undefined {
  try {
    if (text(profile, 36) !== "acsp" || text(profile, 16) !== "RGB " || text(profile, 20) !== "XYZ ") return undefined;
    const tags = tagsOf(profile);
    const colorants = ["rXYZ", "gXYZ", "bXYZ"].map((name) => colorant(tags.get(name)));
    const curves = ["rTRC", "gTRC", "bTRC"].map((name) => curve(tags.get(name)));
    const [red, green, blue] = colorants;
    const [r, g, b] = curves;
    if (!red || !green || !blue || !r || !g || !b) return undefined;
    return profiledGamut(transposed([red, green, blue] satisfies Matrix), [r, g, b]);
  } catch (error) {
    if (error instanceof RangeError) return undefined; // Read beyond its end.
    throw error;
  }
}

const text = (bytes: Buffer, at: number): string => bytes.toString("latin1", at, at + 4);

function tagsOf(profile: Buffer): Map<string, Buffer> {
  const count = Math.min(MAX_TAGS, profile.readUInt32BE(HEADER_BYTES));
  const tags = new Map<string, Buffer>();
  for (let i = 0; i < count; i++) {
    const at = HEADER_BYTES + 4 + 12 * i;
    const offset = profile.readUInt32BE(at + 4);
    tags.set(text(profile, at), profile.subarray(offset, offset + profile.readUInt32BE(at + 8)));
  }
  return tags;
}

function colorant(tag: Buffer | undefined): Triple | undefined {
  if (!tag || text(tag, 0) !== "XYZ ") return undefined;
  return [fixed(tag, 8), fixed(tag, 12), fixed(tag, 16)];
}

const fixed = (bytes: Buffer, at: number): number => bytes.readInt32BE(at) / 65536;

function curve(tag: Buffer | undefined): ToneCurve | undefined {
  const kind = tag && text(tag, 0);
  if (kind === "curv") return sampled(tag as Buffer);
  if (kind === "para") return parametric(tag as Buffer);
  return undefined;
}

/** 10.6: no entry means linear, one a power, more a table. */
function sampled(tag: Buffer): ToneCurve | undefined {
  const count = tag.readUInt32BE(8);
  if (count === 0) return gammaCurve(1);
  if (count === 1) return positive(gammaCurve(tag.readUInt16BE(12) / 256));
  if (count > MAX_TABLE) return undefined;
  return closestCurve(Array.from({ length: count }, (_, i) => tag.readUInt16BE(12 + 2 * i) / 65535));
}

/** 10.18: types 0 to 4 have an increasing number of parameters. */
function parametric(tag: Buffer): ToneCurve | undefined {
  const number = (i: number) => fixed(tag, 12 + 4 * i);
  const plain = { c: 0, d: 0, e: 0, f: 0 };
  switch (tag.readUInt16BE(8)) {
    case 0:
      return positive(gammaCurve(number(0)));
    case 1:
      return positive({ ...plain, g: number(0), a: number(1), b: number(2), d: -number(2) / number(1) });
    case 2: {
      const [g, a, b, c] = [number(0), number(1), number(2), number(3)];
      return positive({ g, a, b, c: 0, d: -b / a, e: c, f: c });
    }
    case 3:
      return positive({ ...plain, g: number(0), a: number(1), b: number(2), c: number(3), d: number(4) });
    case 4: {
      const [g, a, b, c, d, e, f] = [0, 1, 2, 3, 4, 5, 6].map(number) as [
        number,
        number,
        number,
        number,
        number,
        number,
        number,
      ];
      return positive({ g, a, b, c, d, e, f });
    }
    default:
      return undefined;
  }
}

/** Accepts only a rising curve; others come from damage. */
const positive = (curve: ToneCurve): ToneCurve | undefined =>
  Object.values(curve).every(Number.isFinite) && curve.g > 0 && curve.g < 10 && curve.a > 0 ? curve : undefined;
