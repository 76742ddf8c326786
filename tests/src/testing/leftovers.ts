import { expect } from "vitest";
import { filesInTheMaking, programsOf } from "./left-behind.js";
import type { Pipeline } from "./pipeline.js";

/** Ends a pipeline's services and checks that each ends cleanly, with no process and no temporary file left behind. */
export async function expectNothingLeft(pipeline: Pipeline): Promise<void> {
  const codes = await pipeline.stop();
  expect(codes).toEqual(codes.map(() => 0));
  expect(await programsOf(pipeline)).toEqual([]);
  expect(await filesInTheMaking(pipeline)).toEqual([]);
}
