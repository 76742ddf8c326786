import { create } from "@bufbuild/protobuf";
import { BatchSchema, FormatSchema } from "@polyreel/contract";
import { normalizeBatch } from "@polyreel/spec";
import { expect, it } from "vitest";
import { OutputPlanner } from "./output-plans.js";
import { targetsOf } from "./targets.js";

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
