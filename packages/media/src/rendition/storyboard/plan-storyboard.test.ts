import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { StoryboardSchema } from "@polyreel/contract";
import { expect, it } from "vitest";
import type { Probe } from "../../probe/parse.js";
import { planStoryboard } from "./plan-storyboard.js";
import { cuesOf } from "./storyboard-cues.js";

function planned(init: MessageInitShape<typeof StoryboardSchema>, video: Partial<NonNullable<Probe["video"]>> = {}) {
  const common = { startSeconds: 0, durationSeconds: 60 };
  const picture = { ...common, codec: "h264", width: 1920, height: 1080, rotationDegrees: 0, still: false };
  const probe = { container: "mov", sizeBytes: 0, durationSeconds: 60, video: { ...picture, frameRate: 25, ...video } };
  return planStoryboard(create(StoryboardSchema, { width: 160, columns: 10, ...init }), probe);
}
const seconds = (value: number) => ({ seconds: BigInt(Math.floor(value)), nanos: Math.round((value % 1) * 1e9) });

it.each([
  ["a second by default", {}, {}, { count: 60, stepSeconds: 1, columns: 10, sheet: { width: 1600, height: 540 } }],
  ["a hundredth of a long video", {}, { durationSeconds: 3600 }, { count: 100, stepSeconds: 36 }],
  ["an interval, the last one shorter", { interval: seconds(25) }, {}, { count: 3, stepSeconds: 25, columns: 3 }],
  ["an interval longer than the video", { interval: seconds(99) }, {}, { count: 1, sheet: { width: 160, height: 90 } }],
  ["no tile for a rest that is none", { interval: seconds(30) }, { durationSeconds: 60.0004 }, { count: 2 }],
  ["a count", { count: 7, columns: 4 }, {}, { count: 7, columns: 4, sheet: { width: 640, height: 180 } }],
  ["tiles no wider than the video", { count: 2 }, { width: 96, height: 54 }, { tile: { width: 96, height: 54 } }],
  ["as many columns as fit", { count: 40, columns: 100, width: 1024 }, {}, { columns: 15 }],
] as const)("plans %s", (_, settings, video, expected) => {
  expect(planned(settings, video)).toMatchObject({ ...expected, warnings: [] });
});

it.each([
  ["tiles", { interval: seconds(0.04) }, {}, 1000],
  ["height", { interval: seconds(1) }, { width: 16, height: 8000, durationSeconds: 600 }, 20],
  ["pixels", { interval: seconds(1), width: 1024, columns: 100 }, { durationSeconds: 600 }, 75],
])("stretches the interval to what a sheet holds: %s", (_, settings, video, count) => {
  const plan = planned(settings, video);
  expect(plan.count).toBe(count);
  expect(plan.stepSeconds).toBeCloseTo(plan.durationSeconds / count, 9);
  expect(plan.warnings).toEqual([expect.stringMatching(/^The interval is [\d.]+ s instead of /)]);
  expect(Math.max(plan.sheet.width, plan.sheet.height)).toBeLessThanOrEqual(16_383);
  expect(plan.sheet.width * plan.sheet.height).toBeLessThanOrEqual(50e6);
});

it("refuses more tiles than fit, stills, and videos of unknown length", () => {
  expect(() => planned({ count: 1000, width: 1024 })).toThrow(
    expect.objectContaining({
      failure: expect.objectContaining({ field: "count", remedy: expect.stringMatching(/up to 80,/) }),
    }),
  );
  expect(() => planned({}, { still: true })).toThrow("still picture");
  expect(() => planned({}, { durationSeconds: 0 })).toThrow("length cannot be determined");
});

it("has a cue for each tile, up to the end, and names the sheet as a URL", () => {
  expect(cuesOf(planned({ interval: seconds(25), columns: 2 }), "../a b/été #1?.jpg")).toEqual([
    { startMilliseconds: 0, endMilliseconds: 25_000, lines: ["../a%20b/%C3%A9t%C3%A9%20%231%3F.jpg#xywh=0,0,160,90"] },
    { startMilliseconds: 25_000, endMilliseconds: 50_000, lines: [expect.stringContaining("#xywh=160,0,160,90")] },
    { startMilliseconds: 50_000, endMilliseconds: 60_000, lines: [expect.stringContaining("#xywh=0,90,160,90")] },
  ]);
});
