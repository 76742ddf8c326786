import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { ThumbnailSchema } from "@polyreel/contract";
import { expect, it } from "vitest";
import { candidateFrames, candidateTimes } from "./candidate-times.js";
import { thumbnailMoment } from "./thumbnail-moment.js";

const moment = (init: MessageInitShape<typeof ThumbnailSchema>, seconds = 12) =>
  thumbnailMoment(create(ThumbnailSchema, init), seconds);
const times = [{ seconds: 3n }, { seconds: 11n, nanos: 990_000_000 }, { seconds: 12n }];

it.each([
  [{}, { kind: "at", seconds: 0 }],
  [{ at: { seconds: 99n } }, { kind: "at", seconds: 99 }],
  [
    { count: 4, number: 1 },
    { kind: "at", seconds: 1.5 },
  ],
  [
    { count: 4, number: 4 },
    { kind: "at", seconds: 10.5 },
  ],
  [{ count: 1 }, { kind: "at", seconds: 6 }],
  [
    { times, number: 2 },
    { kind: "at", seconds: 11.99 },
  ],
  [{ best: true }, { kind: "best", startSeconds: 0, endSeconds: 12 }],
  [
    { best: true, count: 3, number: 2 },
    { kind: "best", startSeconds: 4, endSeconds: 8 },
  ],
])("of %o is %o", (settings, expected) => {
  expect(moment(settings)).toEqual(expected);
});

it("refuses a time after the end, and what needs a length that is unknown", () => {
  expect(() => moment({ times, number: 3 })).toThrow(
    expect.objectContaining({
      code: "invalid",
      failure: expect.objectContaining({
        field: "times[2]",
        reason: "There is no picture at 12 s: the video is 12 s long.",
        remedy: expect.stringContaining("below 12 s"),
      }),
    }),
  );
  expect(moment({ times, number: 3 }, 0)).toEqual({ kind: "at", seconds: 12 });
  for (const settings of [{ count: 2, number: 1 }, { best: true }])
    expect(() => moment(settings, 0)).toThrow("length cannot be determined");
});

it("examines at most 12 candidates, apart by more than their neighbours", () => {
  expect(candidateTimes({ startSeconds: 0, endSeconds: 3600 })).toMatchObject({ startSeconds: 150 });
  for (const seconds of [0, 0.05, 0.3, 0.7, 2.39, 2.5, 60]) {
    const { startSeconds, steps } = candidateTimes({ startSeconds: 5, endSeconds: 5 + seconds });
    expect(steps.length).toBeLessThanOrEqual(12);
    expect(steps.every((step, i) => i === 0 || step - (steps[i - 1] ?? 0) >= 2)).toBe(true);
    expect(startSeconds + 0.1 * (steps.at(-1) ?? 0)).toBeLessThanOrEqual(5 + seconds);
  }
});

it("maps candidates to frames of a video, each beside the next one", () => {
  const format = { rateNumerator: 25, rateDenominator: 1 };
  expect(candidateFrames({ startSeconds: 0, endSeconds: 1 }, 50, format)).toEqual([
    2, 5, 7, 10, 12, 15, 17, 20, 22, 25,
  ]);
  expect(candidateFrames({ startSeconds: 0, endSeconds: 0.04 }, 1, format)).toEqual([0, 0]);
});
