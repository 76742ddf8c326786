import type { Gamut } from "../colour/gamut.js";
import type { Matrix } from "../colour/matrix.js";
import type { ToneCurve } from "../colour/tone-curve.js";

const FULL = 65535;
/** Limit of colorchannelmixer. */
const MAX_COEFFICIENT = 2;

/**
 * Converts pictures of other primaries to BT.709: to linear light, through the matrix, and back, in 16-bit RGB. Lookup
 * tables and integers give the same pixels on every CPU; zscale supports only the primaries of television.
 */
export function toBt709({ toLight, matrix, stored }: Gamut, alpha: boolean): string[] {
  // Coefficients above the mixer's limit are halved, and the result is doubled.
  const darker = Math.max(...matrix.flat().map(Math.abs)) > MAX_COEFFICIENT ? 2 : 1;
  const [r, g, b] = toLight.map(lightOf);
  const back = codeOf(stored, darker);
  return [
    `format=${alpha ? "gbrap16le" : "gbrp16le"}`,
    `lutrgb=r='${r}':g='${g}':b='${b}'`,
    `colorchannelmixer=${coefficients(matrix, darker)}`,
    `lutrgb=r='${back}':g='${back}':b='${back}'`,
  ];
}

const CHANNELS = ["r", "g", "b"];

const coefficients = (matrix: Matrix, darker: number): string =>
  matrix
    .flatMap((row, to) => row.map((value, from) => `${CHANNELS[to]}${CHANNELS[from]}=${plain(value / darker)}`))
    .join(":");

const lightOf = ({ g, a, b, c, d, e, f }: ToneCurve): string => {
  const code = `val/${FULL}`;
  const above = `pow(max(0,${plain(a)}*${code}+${plain(b)}),${plain(g)})+${plain(e)}`;
  return rounded(`if(gte(${code},${plain(d)}),${above},${plain(c)}*${code}+${plain(f)})`);
};

function codeOf({ g, a, b, c, d }: ToneCurve, brighter: number): string {
  const light = `val*${brighter}/${FULL}`;
  const above = `(pow(${light},${plain(1 / g)})-${plain(b)})/${plain(a)}`;
  if (c === 0) return rounded(above);
  return rounded(`if(gte(${light},${plain(c * d)}),${above},${light}/${plain(c)})`);
}

const rounded = (expression: string): string => `clip(${FULL}*(${expression})+0.5,0,${FULL})`;

/** Without an exponent, for readability. */
const plain = (value: number): string => value.toFixed(9);
