/**
 * Conversion from a colour's code value to linear light (both 0 to 1), as in ICC.1:2010, 10.16 (type 4):
 * (a*x + b)^g + e for x >= d, c*x + f below.
 */
export interface ToneCurve {
  g: number;
  a: number;
  b: number;
  c: number;
  d: number;
  e: number;
  f: number;
}

export const gammaCurve = (g: number): ToneCurve => ({ g, a: 1, b: 0, c: 0, d: 0, e: 0, f: 0 });

/** IEC 61966-2-1. */
export const SRGB: ToneCurve = { g: 2.4, a: 1 / 1.055, b: 0.055 / 1.055, c: 1 / 12.92, d: 0.04045, e: 0, f: 0 };

/**
 * ITU-R BT.1886: how screens display BT.709 and BT.2020. The camera's curve (BT.709-6, item 1.2) is intentionally not
 * its inverse.
 */
export const BT1886: ToneCurve = gammaCurve(2.4);

export const toLight = ({ g, a, b, c, d, e, f }: ToneCurve, code: number): number =>
  code >= d ? Math.max(0, a * code + b) ** g + e : c * code + f;

/** Code value of linear light, for the output curves (sRGB and BT.1886). */
export const toCode = ({ g, a, b, c, d }: ToneCurve, light: number): number =>
  c === 0 || light >= c * d ? (Math.max(0, light) ** (1 / g) - b) / a : light / c;

/**
 * The curve closest to a table of linear light at evenly spaced code values: sRGB's or a power. Tables in profiles are
 * rounded versions of these; measurements of scanners and calibrated screens differ little from a power.
 */
export function closestCurve(table: readonly number[]): ToneCurve {
  const samples = table.map((light, i) => [i / (table.length - 1), light] as const);
  const worst = (curve: ToneCurve) =>
    Math.max(...samples.map(([code, light]) => Math.abs(toCode(SRGB, toLight(curve, code)) - toCode(SRGB, light))));
  const candidates = [SRGB, gammaCurve(fittedGamma(samples))];
  return candidates.reduce((best, curve) => (worst(curve) < worst(best) ? curve : best));
}

/** Least squares on logarithms, excluding near-black samples. */
function fittedGamma(samples: readonly (readonly [number, number])[]): number {
  let [above, below] = [0, 0];
  for (const [code, light] of samples) {
    if (code < 0.1 || code >= 1 || light <= 0) continue;
    above += Math.log(light) * Math.log(code);
    below += Math.log(code) ** 2;
  }
  const gamma = above / below;
  return Number.isFinite(gamma) ? Math.min(4, Math.max(0.25, gamma)) : 1;
}
