import { type MeasuredRecord, ofKind, type Sums } from "@polyreel/media/measured/record.js";
import type { PartTally } from "./tally.js";

/** What making parts takes, in seconds of one core, and what they weigh. */
export interface Costs {
  seconds(part: Priced): number;
  /** Where the part itself is not there to tell. */
  bytes(part: Priced): number;
  combinations(count: number, bytes: number): number;
}

export type Priced = Pick<PartTally, "name" | "seconds" | "megapixels">;

/**
 * Before anything was measured: a 2-core x86 machine (2.x GHz, ffmpeg 5.1, libx264 veryfast at CRF 20) with real footage at
 * 1080x1920. Other machines differ by a factor of two or three either way; the proportions stay.
 */
const SECONDS_A_MEGAPIXEL = 0.011;
const SECONDS_A_CLIP = 0.25;
const SECONDS_A_SOUNDTRACK = 0.1;
const SECONDS_A_SECOND_OF_SOUND = 0.02;
const SECONDS_A_LINE = 0.1;
const SECONDS_A_SECOND_OF_SPEECH = 0.03;
/** Bits of a pixel of a frame: real footage and flat graphics differ tenfold. */
const BITS_A_PIXEL = 0.06;
const SOUND_BYTES_A_SECOND = 20_000;

/** Planning, messages, header, and copying the bytes. */
const SECONDS_A_COMBINATION = 0.006;
const SECONDS_A_GIGABYTE = 0.45;
/** Of an MP4's header: tables of packets. */
export const HEADER_BYTES = 1_500;
export const HEADER_BYTES_A_SECOND = 500;

/** Costs by what parts of the same class took before, else of the same kind, else as parts take elsewhere. */
export function costsBy(measured: MeasuredRecord): Costs {
  const known = ({ name }: Priced): Sums | undefined => {
    const sums = measured[name] ?? ofKind(measured, kindOf(name));
    return sums && sums.amount > 0 ? sums : undefined;
  };
  return {
    seconds: (part) => {
      const sums = known(part);
      return sums ? (sums.coreSeconds / sums.amount) * amountOf(part) : secondsElsewhere(part);
    },
    bytes: (part) => {
      const sums = known(part);
      return sums ? (sums.bytes / sums.amount) * amountOf(part) : bytesElsewhere(part);
    },
    combinations: (count, bytes) => count * SECONDS_A_COMBINATION + (bytes / 1e9) * SECONDS_A_GIGABYTE,
  };
}

const kindOf = (name: string) => {
  if (name === "sound" || name === "voice") return name;
  return "clip";
};

const amountOf = ({ name, seconds, megapixels }: Priced): number => (kindOf(name) === "clip" ? megapixels : seconds);

function secondsElsewhere({ name, seconds, megapixels }: Priced): number {
  if (name === "voice") return SECONDS_A_LINE + seconds * SECONDS_A_SECOND_OF_SPEECH;
  if (name === "sound") return SECONDS_A_SOUNDTRACK + seconds * SECONDS_A_SECOND_OF_SOUND;
  return SECONDS_A_CLIP + megapixels * SECONDS_A_MEGAPIXEL;
}

const bytesElsewhere = ({ name, seconds, megapixels }: Priced): number =>
  kindOf(name) === "clip" ? (megapixels * 1e6 * BITS_A_PIXEL) / 8 : seconds * SOUND_BYTES_A_SECOND;
