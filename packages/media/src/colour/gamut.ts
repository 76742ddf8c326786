import { apply, diagonal, inverted, type Matrix, multiplied, type Triple, transposed } from "./matrix.js";
import { BT1886, gammaCurve, SRGB, type ToneCurve, toCode, toLight } from "./tone-curve.js";

/** Conversion from other primaries to BT.709's: to linear light, through a matrix, and back. */
export interface Gamut {
  /** For red, green and blue. */
  toLight: readonly [ToneCurve, ToneCurve, ToneCurve];
  /** From linear RGB of the picture to that of BT.709. */
  matrix: Matrix;
  /** The curve of the result. */
  stored: ToneCurve;
}

type Chromaticity = readonly [x: number, y: number];

/** ITU-R BT.2020, SMPTE RP 431-2 and EG 432-1, as H.273 (table 2) lists them. */
interface Primaries {
  red: Chromaticity;
  green: Chromaticity;
  blue: Chromaticity;
  white: Chromaticity;
}

const D65: Chromaticity = [0.3127, 0.329];
/** The white point of ICC profiles, as XYZ. */
const D50: Triple = [0.9642, 1, 0.8249];

const SRGB_PRIMARIES: Primaries = { red: [0.64, 0.33], green: [0.3, 0.6], blue: [0.15, 0.06], white: D65 };
const P3 = { red: [0.68, 0.32], green: [0.265, 0.69], blue: [0.15, 0.06] } as const;

/**
 * By ffmpeg's names. Primaries of standard definition differ little from BT.709's, and are treated as such, like in
 * browsers.
 */
const WIDE: Partial<Record<string, Primaries>> = {
  bt2020: { red: [0.708, 0.292], green: [0.17, 0.797], blue: [0.131, 0.046], white: D65 },
  smpte431: { ...P3, white: [0.314, 0.351] },
  smpte432: { ...P3, white: D65 },
};

const TRANSFERS: Partial<Record<string, ToneCurve>> = {
  "iec61966-2-1": SRGB,
  gamma22: gammaCurve(2.2),
  gamma28: gammaCurve(2.8),
  linear: gammaCurve(1),
  smpte428: gammaCurve(2.6),
};

/**
 * Conversion by tags, with ffmpeg's names. Undefined if the picture is BT.709 already. HDR transfers are handled
 * elsewhere.
 */
export function taggedGamut(primaries: string | undefined, transfer: string | undefined): Gamut | undefined {
  const wide = WIDE[primaries ?? ""];
  if (!wide) return undefined;
  const curve = TRANSFERS[transfer ?? ""] ?? BT1886;
  // These two curves are displayed alike; other curves do not exist in clips.
  return gamutOf(toD50(wide), [curve, curve, curve], curve === BT1886 ? BT1886 : SRGB);
}

/**
 * Conversion by a profile's matrix (to XYZ under D50) and curves. Undefined if no colour changes by more than rounding,
 * as for equivalents of sRGB.
 */
export function profiledGamut(toXyz: Matrix, curves: Gamut["toLight"]): Gamut | undefined {
  const gamut = gamutOf(toXyz, curves, SRGB);
  return gamut && changes(gamut) ? gamut : undefined;
}

function gamutOf(toXyz: Matrix, curves: Gamut["toLight"], stored: ToneCurve): Gamut | undefined {
  const fromXyz = inverted(toD50(SRGB_PRIMARIES));
  return fromXyz && inverted(toXyz) && { toLight: curves, matrix: multiplied(fromXyz, toXyz), stored };
}

/** Converts a colour (code values, 0 to 1). */
export function converted({ toLight: [r, g, b], matrix, stored }: Gamut, [red, green, blue]: Triple): Triple {
  const light = apply(matrix, [toLight(r, red), toLight(g, green), toLight(b, blue)]);
  const code = (value: number) => Math.min(1, Math.max(0, toCode(stored, value)));
  return [code(light[0]), code(light[1]), code(light[2])];
}

/** Of 255. */
const ROUNDING = 2.5;
const LEVELS = [0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1];

function changes(gamut: Gamut): boolean {
  for (const red of LEVELS)
    for (const green of LEVELS)
      for (const blue of LEVELS) {
        const [r, g, b] = converted(gamut, [red, green, blue]);
        if (Math.max(Math.abs(r - red), Math.abs(g - green), Math.abs(b - blue)) > ROUNDING / 255) return true;
      }
  return false;
}

/** To XYZ under D50 (Bradford), from chromaticities: SMPTE RP 177. */
function toD50({ red, green, blue, white }: Primaries): Matrix {
  const columns = transposed([xyz(red), xyz(green), xyz(blue)]);
  const scale = apply(inverted(columns) ?? columns, xyz(white));
  return multiplied(adaptation(xyz(white)), multiplied(columns, diagonal(scale)));
}

const xyz = ([x, y]: Chromaticity): Triple => [x / y, 1, (1 - x - y) / y];

const BRADFORD: Matrix = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
];

function adaptation(white: Triple): Matrix {
  const from = apply(BRADFORD, white);
  const to = apply(BRADFORD, D50);
  const gain = diagonal([to[0] / from[0], to[1] / from[1], to[2] / from[2]]);
  return multiplied(inverted(BRADFORD) ?? BRADFORD, multiplied(gain, BRADFORD));
}
