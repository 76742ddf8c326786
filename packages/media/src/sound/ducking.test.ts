import { describe, expect, it } from "vitest";
import { duck, duckedStretches } from "./ducking.js";

const S = 48000;

describe("ducking", () => {
  it.each([
    ["no voice", [], []],
    [
      "voices far apart",
      [
        [1, 2],
        [2.7, 3],
      ],
      [
        [1, 2],
        [2.7, 3],
      ],
    ],
    [
      "voices with a breath between",
      [
        [1, 2],
        [2.5, 3],
      ],
      [[1, 3]],
    ],
    [
      "voices out of order, one within another",
      [
        [5, 6],
        [1, 4],
        [2, 3],
      ],
      [
        [1, 4],
        [5, 6],
      ],
    ],
  ])("bridges short gaps: %s", (_, voices, expected) => {
    const stretches = (times: number[][]) => times.map(([from = 0, to = 0]) => ({ from: from * S, to: to * S }));
    expect(duckedStretches(stretches(voices))).toEqual(stretches(expected));
  });

  it("attenuates by 12 dB before a voice, and recovers after it, evenly in dB", () => {
    const gains = new Float32Array(4 * S).fill(0.5);
    duck(gains, 0, 1, [{ from: 1 * S, to: 2 * S }]);
    const db = (seconds: number) => Math.round(20 * Math.log10((gains[Math.round(seconds * S)] as number) / 0.5)) + 0;
    expect([0.8, 0.84, 0.925, 1, 1.5, 2, 2.2, 2.41, 3].map(db)).toEqual([0, 0, -6, -12, -12, -12, -6, 0, 0]);
  });

  it("is the same however the timeline is split", () => {
    const stretches = [{ from: 1000, to: 9000 }];
    const whole = new Float32Array(40000).fill(1);
    duck(whole, 0, 1, stretches);
    const pieces = Array.from({ length: 8 }, (_, i) => {
      const piece = new Float32Array(5000).fill(1);
      duck(piece, i * 5000, 1, stretches);
      return [...piece];
    });
    expect(pieces.flat()).toEqual([...whole]);
  });
});
