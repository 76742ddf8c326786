import { expect, it } from "vitest";
import { FRAME_SAMPLES, type SpeechFrames } from "./speech-frames.js";
import { spokenRange } from "./trim-line.js";

/** Frames of powers in dB of full scale, each with its number. */
function framesOf(...stretches: [count: number, powerDb: number][]): SpeechFrames {
  const powerDb = Float32Array.from(stretches.flatMap(([count, power]) => Array.from({ length: count }, () => power)));
  return { count: powerDb.length, powerDb, tiltDb: new Float32Array(powerDb.length) };
}

it.each([
  [
    "silence at both ends",
    [
      [30, -100],
      [50, -20],
      [40, -100],
    ],
    [28, 84],
  ],
  [
    "the same, quiet",
    [
      [30, -100],
      [50, -55],
      [40, -100],
    ],
    [28, 84],
  ],
  [
    "a soft consonant at both ends",
    [
      [30, -70],
      [10, -55],
      [50, -20],
      [10, -50],
      [40, -70],
    ],
    [28, 104],
  ],
  [
    "a pause within",
    [
      [30, -100],
      [10, -20],
      [80, -100],
      [10, -20],
      [40, -100],
    ],
    [28, 134],
  ],
  ["no silence", [[50, -20]], [0, 50]],
  [
    "the noise of a room",
    [
      [30, -50],
      [50, -20],
      [40, -50],
    ],
    [0, 120],
  ],
] satisfies [string, [number, number][], [number, number]][])(
  "keeps what is spoken of a line with %s",
  (_, stretches, [from, to]) => {
    const frames = framesOf(...stretches);
    expect(spokenRange(frames, frames.count * FRAME_SAMPLES)).toEqual({
      from: from * FRAME_SAMPLES,
      to: to * FRAME_SAMPLES,
    });
  },
);
