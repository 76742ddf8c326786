const clamp = (x: number): number => Math.min(1, Math.max(0, x));

/** From 0 to 1 between `start` and `start + seconds`, slowing down. */
export const ease = (t: number, start: number, seconds: number): number => 1 - (1 - clamp((t - start) / seconds)) ** 3;

/** From 0 to 1 like `ease`, but a little beyond 1 before it rests: things land. */
export function land(t: number, start: number, seconds: number): number {
  const rest = clamp((t - start) / seconds) - 1;
  return 1 + 2.4 * rest ** 3 + 1.4 * rest ** 2;
}

export const mix = (from: number, to: number, share: number): number => from + (to - from) * share;

/** Swings between -1 and 1 once in `seconds`. */
export const sway = (t: number, seconds: number, phase = 0): number => Math.sin(2 * Math.PI * (t / seconds + phase));

/** The n-th number of an evenly scattered sequence from 0 to 1: looks random, and is the same each time. */
export const scatter = (n: number, ratio = 0.618034): number => (n * ratio + 0.37) % 1;
