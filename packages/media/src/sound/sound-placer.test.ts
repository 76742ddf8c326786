import { describe, expect, it } from "vitest";
import { type Placement, SoundPlacer } from "./sound-placer.js";

/**
 * Places frames given as [seconds, duration], whose samples all have the frame's number; returns ranges as [from, to,
 * number].
 */
function place(frames: readonly (readonly [number, number])[], placement: Placement = { zeroSeconds: 0 }) {
  const placer = new SoundPlacer(placement);
  const placed = frames.flatMap(([seconds, length], i) =>
    placer.push(seconds, new Float32Array(Math.round(length * 48_000) * 2).fill(i)),
  );
  return [...placed, ...placer.finish()].map(({ position, values }) => [
    Number((position / 48_000).toFixed(4)),
    Number(((position + values.length / 2) / 48_000).toFixed(4)),
    values[0],
  ]);
}

describe("frames of audio", () => {
  it("stay together if they are adjacent apart from rounding", () => {
    expect(
      place(
        [
          [1, 0.1],
          [1.11, 0.1],
          [1.19, 0.1],
        ],
        { zeroSeconds: 1 },
      ),
    ).toEqual([
      [0, 0.1, 0],
      [0.1, 0.2, 1],
      [0.2, 0.3, 2],
    ]);
  });

  it("leave gaps", () => {
    expect(
      place([
        [0, 0.2],
        [0.5, 0.2],
      ]),
    ).toEqual([
      [0, 0.2, 0],
      [0.5, 0.7, 1],
    ]);
  });

  it("are dropped before the beginning, or where samples exist already", () => {
    expect(
      place([
        [-0.3, 0.2],
        [-0.1, 0.2],
        [0.05, 0.2],
      ]),
    ).toEqual([
      [0, 0.1, 1],
      [0.1, 0.25, 2],
    ]);
  });

  it.each([
    ["much too late", 1.25],
    ["too early", 0.9],
  ])("that are out of place by one, %s, precede what follows", (_what, seconds) => {
    expect(
      place([
        [0, 1],
        [seconds, 0.02],
        [1.02, 0.5],
      ]),
    ).toEqual([
      [0, 1, 0],
      [1, 1.02, 1],
      [1.02, 1.52, 2],
    ]);
  });

  it("are moved with their part if timestamps restart", () => {
    const placement = { zeroSeconds: 5, restarts: [1.5, 2.5] };
    expect(
      place(
        [
          [5, 1],
          [5, 1],
          [5, 1],
        ],
        placement,
      ),
    ).toEqual([
      [0, 1, 0],
      [1.5, 2.5, 1],
      [2.5, 3.5, 2],
    ]);
  });
});
