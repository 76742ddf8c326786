import { setTimeout as delay } from "node:timers/promises";
import { CombinationState, type OutputStatus, Stage } from "@polyreel/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { endOf, submit } from "./testing/batches.js";
import { footage, video } from "./testing/blocks.js";
import { makeFootage, put } from "./testing/media.js";
import { type Pipeline, startPipeline } from "./testing/pipeline.js";

let pipeline: Pipeline;
let quick: string;
let slow: string;
beforeAll(async () => {
  pipeline = await startPipeline({ POLYREEL_ENCODES: "1" });
  const { folder } = pipeline;
  quick = await put(pipeline, await makeFootage(folder, "quick.mp4", { seconds: 0.5 }));
  slow = await put(pipeline, await makeFootage(folder, "slow.mp4", { seconds: 8, hertz: 550 }));
});
afterAll(() => pipeline?.close());

/** Pictures of 1440 lines take seconds to encode. */
const batch = () => ({
  canvas: { width: 810, height: 1440 },
  blocks: [video("hook", { choices: [footage("quick", quick)] }), video("body", { choices: [footage("slow", slow)] })],
});

it("shows a combination's increasing percentage, and the clip being encoded, until it is delivered", async () => {
  const batchId = await submit(pipeline, batch());
  const id = async () => (await pipeline.batches.listCombinations({ batchId })).combinations[0]?.id ?? "";
  await expect.poll(id, { timeout: 30_000, interval: 20 }).not.toBe("");
  const combinationId = await id();
  const output = async () => {
    const { combination } = await pipeline.batches.getCombination({ batchId, combinationId });
    return combination?.outputs[0] ?? expect.fail("no output");
  };
  const seen: OutputStatus[] = [];
  const watchUntil = async (isThere: (one: OutputStatus) => boolean) => {
    for (const until = Date.now() + 60_000; ; await delay(50)) {
      const one = await output();
      seen.push(one);
      if (isThere(one)) return one;
      if (Date.now() > until) expect.fail(`still ${JSON.stringify(one.step)}`);
    }
  };

  const isSlow = ({ step }: OutputStatus) => step?.choice === "slow" && step.fraction > 0;
  await watchUntil(isSlow);
  await pipeline.services.uploader.kill("SIGTERM"); // So that it stays undelivered.
  const rendered = await watchUntil(({ state }) => state === CombinationState.RENDERED);
  const encoding = seen.filter(isSlow);
  for (const { step } of encoding) expect(step).toMatchObject({ stage: Stage.CLIP, block: "body", index: 2, count: 2 });
  expect(new Set(encoding.map(({ percent }) => percent)).size).toBeGreaterThan(2);
  expect(rendered).toMatchObject({ percent: 80, path: "", step: { stage: Stage.DELIVERY, id: combinationId } });
  expect((await fetch(pipeline.url + rendered.urlPath)).status).toBe(200);

  pipeline.start("uploader");
  const { combinations } = await endOf(pipeline, batchId, { withinSeconds: 60 });
  const { step, ...delivered } = await output();
  expect(step).toBeUndefined();
  expect(delivered).toMatchObject({ name: "video", percent: 100, path: combinations[0]?.path });
  const percents = [...seen, { percent: 100 }].map(({ percent }) => percent);
  expect(percents).toEqual(percents.toSorted((a, b) => a - b));
});
