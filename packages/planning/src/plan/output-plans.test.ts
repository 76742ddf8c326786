import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { BatchSchema, FormatSchema, type OutputSchema } from "@polyreel/contract";
import { normalizeBatch } from "@polyreel/spec";
import { expect, it } from "vitest";
import { OutputPlanner } from "./output-plans.js";
import { targetsOf } from "./targets.js";
import type { PlacedLine } from "./timeline.js";

const clips = [30, 10, 60].map((frames) => ({ frames }));
const format = create(FormatSchema, { rateNumerator: 30, rateDenominator: 1 });

it.each<[seconds: number, clips: number]>([
  [0, 1],
  [0.96, 1],
  [1, 2],
  [1.3, 2],
  [1.34, 3],
  [60, 3],
])("has a picture at %d s wait for %d clips", (seconds, expected) => {
  const at = { seconds: BigInt(Math.floor(seconds)), nanos: Math.round((seconds % 1) * 1e9) };
  const outputs = [{}, { operation: { case: "thumbnail" as const, value: { at } } }];
  const batch = normalizeBatch(create(BatchSchema, { outputs }));
  const planner = new OutputPlanner(batch, targetsOf(batch, "b1", []));
  const planned = { fileNames: ["a.mp4", "a.jpg"], clips, frames: 100, spoken: [], format, files: [] };
  const [video, poster] = planner.plans(planned, 0n);
  expect(video?.operation.case).toBeUndefined();
  expect(poster).toMatchObject({ fileName: "a.jpg", operation: { value: { clips: expected } } });
});

it("plans each of several pictures, the candidates of the best, and why one is impossible", () => {
  const thumbnail = (value: object) => ({ operation: { case: "thumbnail" as const, value } });
  const times = [{ seconds: 2n }, { seconds: 9n }];
  const outputs = [{}, thumbnail({ count: 2 }), thumbnail({ best: true }), thumbnail({ times })];
  const batch = normalizeBatch(create(BatchSchema, { outputs }));
  const planner = new OutputPlanner(batch, targetsOf(batch, "b1", []));
  const planned = { fileNames: [], clips, frames: 100, spoken: [], format, files: [] };
  const [, first, second, best, inTime, late] = planner.plans(planned, 0n);
  expect([first, second, inTime].map((plan) => plan?.operation.value)).toMatchObject([
    { frames: [25], clips: 1, best: false },
    { frames: [75], clips: 3 },
    { frames: [60], clips: 3 },
  ]);
  expect(best?.operation.value).toMatchObject({
    frames: expect.objectContaining({ length: 24 }),
    best: true,
    clips: 3,
  });
  expect([first?.failure, best?.failure, inTime?.failure]).toEqual([undefined, undefined, undefined]);
  expect(late).toMatchObject({
    operation: { case: "picture", value: { frames: [] } },
    failure: { field: "outputs[5].thumbnail.times[1]", reason: expect.stringContaining("the video is 3.33 s long") },
  });
});

it("plans subtitle tracks, of each combination its own, and shares the plans of other videos", () => {
  const outputs = [{ operation: { case: "mp4" as const, value: { subtitles: true } } }];
  const plansOf = (outputs: MessageInitShape<typeof OutputSchema>[]) => {
    const batch = normalizeBatch(create(BatchSchema, { outputs }));
    const planner = new OutputPlanner(batch, targetsOf(batch, "b1", []));
    const line = { hash: "h", text: "Come in.", samples: 48_000, words: [], language: "en", translations: {} };
    const said = { block: "speaker", choice: "a", start: 0, line: line as unknown as PlacedLine };
    const planned = { fileNames: ["a.mp4"], clips, frames: 100, format, files: [] };
    return [[said], []].map((spoken) => planner.plans({ ...planned, spoken }, 0n)[0]);
  };
  const [spoken, silent] = plansOf(outputs);
  expect(spoken?.operation.case).toBeUndefined();
  expect(spoken?.subtitleTracks).toMatchObject([{ language: "en", cues: [{ lines: ["Come in."] }] }]);
  expect(silent?.subtitleTracks).toEqual([]);
  const [plain, other] = plansOf([{}]);
  expect(plain).toBe(other);
});
