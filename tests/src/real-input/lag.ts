import { mono } from "./mono.js";

/** Position of a sound in another, and their similarity there: 1 if they differ in loudness alone. */
export interface Lag {
  readonly samples: number;
  readonly likeness: number;
}

/**
 * By how many samples, at most `farthest` either way, a reference (one channel) is later in a sound (interleaved) than
 * `atSample`: the lag of the highest correlation.
 */
export function lagOf(reference: Float32Array, sound: Float32Array, atSample: number, farthest = 480): Lag {
  const mix = mono(sound, atSample - farthest, reference.length + 2 * farthest);
  const energy = energyOf(reference);
  let here = energyOf(mix.subarray(0, reference.length));
  let best: Lag = { samples: Number.NaN, likeness: -1 };
  for (let shift = 0; shift <= 2 * farthest; shift++) {
    let product = 0;
    for (let i = 0; i < reference.length; i++) product += (reference[i] as number) * (mix[shift + i] as number);
    const likeness = product / Math.sqrt(energy * here);
    if (likeness > best.likeness) best = { samples: shift - farthest, likeness };
    here += (mix[shift + reference.length] ?? 0) ** 2 - (mix[shift] as number) ** 2;
  }
  return best;
}

const energyOf = (values: Float32Array): number => values.reduce((sum, value) => sum + value * value, 0);
