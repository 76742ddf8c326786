import type { SpeechFrames } from "./speech-frames.js";
import type { SoundKind } from "./speech-sounds.js";

type FrameKind = SoundKind | "silence";

/** Mean and standard deviation, in dB. */
interface Frames {
  /** Relative to the loud parts. */
  readonly power: readonly [mean: number, deviation: number];
  readonly tilt: readonly [mean: number, deviation: number];
}

/** Measured on the phones of four voices of flite. */
const FRAMES: Readonly<Record<SoundKind, Frames>> = {
  vowel: { power: [-4, 5], tilt: [-15.5, 4] },
  nasal: { power: [-6, 7], tilt: [-21, 3.5] },
  liquid: { power: [-6, 7], tilt: [-17, 4] },
  hiss: { power: [-16, 8], tilt: [1, 6] },
  breath: { power: [-22, 10], tilt: [-7, 9] },
  stop: { power: [-30, 12], tilt: [-8, 9] },
  "voiced-stop": { power: [-18, 11], tilt: [-17, 7] },
  unknown: { power: [-12, 10], tilt: [-12, 8] },
};
const SILENCE_ABOVE_FLOOR = 2;
const SILENCE_DEVIATION = 8;
const SILENCE_TILT = [-8, 12] as const;
/** Frames of a sound resemble each other: each says less than if they were independent. Of 0.1 to 0.8 the best. */
const INDEPENDENCE = 0.2;
/** The background is not quieter, so that digital silence is no better than a studio's. */
const QUIETEST_FLOOR = -55;
const LOUDEST_FLOOR = -20;

/** Level of a recording's speech. */
export interface SpeechLevel {
  /** Power of its loud frames, in dB of full scale. */
  readonly loudDb: number;
  /** Power of its quiet frames relative to them, in dB. */
  readonly floorDb: number;
}

export function speechLevel({ powerDb }: SpeechFrames): SpeechLevel {
  const sorted = powerDb.toSorted();
  const peak = percentile(sorted, 0.99);
  const loudDb = percentile(
    sorted.filter((power) => power > peak - 40),
    0.95,
  );
  return { loudDb, floorDb: Math.min(LOUDEST_FLOOR, Math.max(QUIETEST_FLOOR, percentile(sorted, 0.05) - loudDb)) };
}

const percentile = (sorted: Float32Array, part: number): number =>
  sorted[Math.floor(part * (sorted.length - 1))] ?? -100;

/**
 * For each kind of sound, how badly the frames before each frame fit it: cumulative negative log likelihoods, each frame's
 * relative to the kind that fits best.
 */
export function cumulativeCosts(
  frames: SpeechFrames,
  { loudDb, floorDb }: SpeechLevel,
): Record<FrameKind, Float64Array> {
  const silence: Frames = { power: [floorDb + SILENCE_ABOVE_FLOOR, SILENCE_DEVIATION], tilt: SILENCE_TILT };
  const kinds = Object.entries({ ...FRAMES, silence }).map(([kind, { power, tilt }]) => ({
    kind,
    power,
    tilt,
    constant: Math.log(power[1] * tilt[1]),
    before: new Float64Array(frames.count + 1),
  }));
  const costs = new Float64Array(kinds.length);
  for (let frame = 0; frame < frames.count; frame++) {
    const powerDb = Math.max(floorDb, (frames.powerDb[frame] as number) - loudDb);
    const tiltDb = frames.tiltDb[frame] as number;
    kinds.forEach(({ power, tilt, constant }, i) => {
      costs[i] = ((powerDb - power[0]) / power[1]) ** 2 / 2 + ((tiltDb - tilt[0]) / tilt[1]) ** 2 / 2 + constant;
    });
    const least = Math.min(...costs);
    kinds.forEach(({ before }, i) => {
      before[frame + 1] = (before[frame] as number) + INDEPENDENCE * ((costs[i] as number) - least);
    });
  }
  return Object.fromEntries(kinds.map(({ kind, before }) => [kind, before])) as Record<FrameKind, Float64Array>;
}
