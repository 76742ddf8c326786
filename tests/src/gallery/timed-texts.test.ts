import { TransitionKind } from "@polyreel/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { footage, text, video } from "../testing/blocks.js";
import { durationOf } from "../testing/duration.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { render } from "../testing/render.js";
import { framesOf, isColour, WHITE } from "./look.js";
import { make, plain } from "./make.js";

const SIZE = { width: 180, height: 320 };

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await startPipeline();
});
afterAll(() => pipeline?.close());

test("texts appear and vanish at their frames, across a transition, one in the place of the other", async () => {
  const grey = await make(pipeline, "grey.mp4", { picture: plain("0x808080", 1) });
  const dark = await make(pipeline, "dark.mp4", { picture: plain("0x404040", 1) });
  const style = { size: 0.2, weight: 900 };
  // 48 frames: the second clip begins with frame 18, and the first ends with frame 29.
  const transition = { kind: TransitionKind.CROSSFADE, duration: durationOf(12 / 30) };
  const batch = await render(pipeline, {
    canvas: SIZE,
    blocks: [
      video("first", { choices: [footage("grey", grey)], transition }),
      video("second", { choices: [footage("dark", dark)] }),
      text("early", { ...style, duration: durationOf(10 / 30), choices: [{ text: "HH" }] }),
      text("late", { ...style, start: durationOf(20 / 30), duration: durationOf(20 / 30), choices: [{ text: "HH" }] }),
    ],
  });
  expect(batch.failures.map(({ failure }) => failure?.reason)).toEqual([]);
  const frames = await framesOf(batch.outputs[0]?.path ?? "", SIZE);
  expect(frames.length).toBe(48);
  const letters = frames.map((frame) => frame.count(isColour(WHITE, 40)));
  const visible = letters.flatMap((count, i) => (count > 100 ? [i] : []));
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
  expect(visible).toEqual([...range(0, 10), ...range(20, 40)]);
  expect(letters.filter((count) => count > 0 && count <= 100)).toEqual([]);
  // Full opacity within the transition and after it, at the same place.
  const boxes = [5, 20, 29, 35].map((i) => frames[i]?.bounds(isColour(WHITE, 40)));
  for (const box of boxes) {
    expect(Math.abs((box?.top ?? 0) - (boxes[0]?.top ?? 0))).toBeLessThanOrEqual(1);
    expect(Math.abs((box?.bottom ?? 0) - (boxes[0]?.bottom ?? 0))).toBeLessThanOrEqual(1);
  }
});
