/**
 * What making things takes, in seconds of one core: measured on a 2-core x86 machine (2.x GHz, ffmpeg 5.1, libx264 veryfast
 * at CRF 20) with real footage at 1080x1920. Other machines differ by a factor of two or three either way; the proportions
 * stay.
 */
const SECONDS_A_MEGAPIXEL = 0.011;
const SECONDS_A_CLIP = 0.25;
const SECONDS_A_SOUNDTRACK = 0.1;
const SECONDS_A_SECOND_OF_SOUND = 0.02;
const SECONDS_A_LINE = 0.1;
const SECONDS_A_SECOND_OF_SPEECH = 0.03;
/** Planning, messages, header, and copying the bytes. */
const SECONDS_A_COMBINATION = 0.006;
const SECONDS_A_GIGABYTE = 0.45;

/** Bits of a pixel of a frame, where no clip of the batch is made yet to tell: real footage and flat graphics differ tenfold. */
export const BITS_A_PIXEL = 0.06;
export const SOUND_BYTES_A_SECOND = 20_000;
/** Of an MP4's header: tables of packets. */
export const HEADER_BYTES = 1_500;
export const HEADER_BYTES_A_SECOND = 500;

export const clipCost = ({ megapixels }: { megapixels: number }): number =>
  SECONDS_A_CLIP + megapixels * SECONDS_A_MEGAPIXEL;

export const soundCost = ({ seconds }: { seconds: number }): number =>
  SECONDS_A_SOUNDTRACK + seconds * SECONDS_A_SECOND_OF_SOUND;

export const voiceCost = ({ seconds }: { seconds: number }): number =>
  SECONDS_A_LINE + seconds * SECONDS_A_SECOND_OF_SPEECH;

export const combinationCost = (count: number, bytes: number): number =>
  count * SECONDS_A_COMBINATION + (bytes / 1e9) * SECONDS_A_GIGABYTE;
