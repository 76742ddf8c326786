import { Overrun, type WatchBatchResponse } from "@polyreel/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { endOf, submit, watch } from "../testing/batches.js";
import { footage, video, voice } from "../testing/blocks.js";
import { expectNothingLeft } from "../testing/leftovers.js";
import { makeFootage, put } from "../testing/media.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { expectWhole } from "./whole.js";

let pipeline: Pipeline;
let clips: string[];
beforeAll(async () => {
  pipeline = await startPipeline({ POLYREEL_ACK_WAIT_SECONDS: "5" });
  const { folder } = pipeline;
  const footages = [0, 1, 2, 3, 4, 5].map((i) =>
    makeFootage(folder, `${i}.mp4`, { seconds: 0.2 + i / 30, size: "160x90", sound: false }),
  );
  clips = await Promise.all(footages.map(async (path) => put(pipeline, await path)));
});
afterAll(() => pipeline?.close());

const block = (name: string) => video(name, { choices: clips.map((sha256, i) => footage(`${i}`, sha256)) });

/** Becomes true after this many facts of a kind. */
function seen(kind: WatchBatchResponse["update"]["case"], times: number) {
  let count = 0;
  return ({ update }: WatchBatchResponse): boolean => update.case === kind && ++count === times;
}

it("completes when the uploader is killed between deliveries, and the planner during planning", async () => {
  const { uploader, planner, tts } = pipeline.services;
  const many = await submit(pipeline, { blocks: [block("a"), block("b"), block("c")] });
  await watch(pipeline, many, { withinSeconds: 60, until: seen("combinationDelivered", 10) });
  await uploader.kill("SIGKILL");
  const atKill = (await pipeline.batches.getBatch({ batchId: many })).batch?.combinations;
  expect(Number(atKill?.delivered)).toBeLessThan(216);

  // Half of this plan waits for a voice.
  tts.child.kill("SIGSTOP");
  const spoken = await submit(pipeline, {
    blocks: [
      block("a"),
      voice("say", { overrun: Overrun.EXTEND, choices: [{ label: "nothing" }, { text: "Hello there" }] }),
    ],
  });
  await watch(pipeline, spoken, { withinSeconds: 60, until: seen("combinationPlanned", 6) });
  await planner.kill("SIGKILL");
  tts.child.kill("SIGCONT");

  pipeline.start("uploader");
  pipeline.start("planner");
  const ended = await Promise.all([many, spoken].map((id) => endOf(pipeline, id, { withinSeconds: 90 })));
  expect(ended.map(({ combinations }) => combinations.length)).toEqual([216, 12]);
  for (const one of ended) await expectWhole(pipeline, one);
});

it("leaves nothing behind", () => expectNothingLeft(pipeline));
