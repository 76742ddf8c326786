/**
 * Models round the length of each phoneme up to whole frames, so that lengths do not follow the scale. `length`: of speech
 * relative to the voice's own, measured with four texts of the voice joe, which are within 5%.
 */
const LENGTHS: readonly { readonly length: number; readonly scale: number }[] = [
  { length: 0.61, scale: 0.5 },
  { length: 0.65, scale: 0.6 },
  { length: 0.75, scale: 0.7 },
  { length: 0.87, scale: 0.8 },
  { length: 0.95, scale: 0.9 },
  { length: 1, scale: 1 },
  { length: 1.03, scale: 1.1 },
  { length: 1.13, scale: 1.25 },
  { length: 1.37, scale: 1.5 },
  { length: 1.56, scale: 1.75 },
  { length: 1.75, scale: 2 },
  { length: 2.12, scale: 2.5 },
  { length: 2.5, scale: 3 },
];

/** What models reach: faster than this, phonemes have their shortest length; slower, speech blurs. */
export const RATES: readonly [from: number, to: number] = [0.4, 1.5];

/** The length scale, relative to the voice's own, at which it speaks at a rate within `RATES`. Interpolates linearly. Pure. */
export function scaleAt(rate: number): number {
  const length = 1 / rate;
  const above = LENGTHS.findIndex((point) => point.length >= length);
  const [from, to] = LENGTHS.slice(above - 1) as [(typeof LENGTHS)[number], (typeof LENGTHS)[number]];
  return from.scale + ((length - from.length) / (to.length - from.length)) * (to.scale - from.scale);
}
