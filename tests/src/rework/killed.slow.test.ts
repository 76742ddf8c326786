import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { BatchState, factSubject, type WatchBatchResponse } from "@polyreel/contract";
import { createLog } from "@polyreel/platform/runtime";
import { connectNats } from "@polyreel/platform/stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runBatch } from "../testing/batches.js";
import { footage, video } from "../testing/blocks.js";
import { expectNothingLeft } from "../testing/leftovers.js";
import { makeFootage, put } from "../testing/media.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { endOfRun, resumed } from "./runs.js";

let pipeline: Pipeline;
let batchId: string;
const TOTAL = 216;
beforeAll(async () => {
  pipeline = await startPipeline({ POLYREEL_ACK_WAIT_SECONDS: "3" });
  const { folder } = pipeline;
  const footages = [0, 1, 2, 3, 4, 5].map((i) =>
    makeFootage(folder, `${i}.mp4`, { seconds: 0.2 + i / 30, size: "160x90", sound: false }),
  );
  const clips = await Promise.all(footages.map(async (path) => put(pipeline, await path)));
  const block = (name: string) => video(name, { choices: clips.map((sha256, i) => footage(`${i}`, sha256)) });
  ({ batchId } = await runBatch(pipeline, { blocks: [block("a"), block("b"), block("c")] }));
});
afterAll(() => pipeline?.close());

/** How often each combination was planned, laid out or delivered. */
function timesPublished(updates: readonly WatchBatchResponse[], kind: "combinationRendered" | "combinationDelivered") {
  const times = new Map<string, number>();
  for (const { update } of updates) {
    if (update.case !== kind) continue;
    const id = update.case === "combinationRendered" ? update.value.combination?.id : update.value.combinationId;
    times.set(id ?? "", (times.get(id ?? "") ?? 0) + 1);
  }
  return times;
}

it("ends correctly when planner and gateway are killed between the acceptance of a run and its last message", async () => {
  const { gateway, planner } = pipeline.services;
  const connection = await connectNats({ url: pipeline.nats.url, name: "test", log: createLog("test", "silent") });
  let answered = 0;
  const killed = new Promise<void>((resolve) => {
    const callback = () => {
      if (++answered === 5) void Promise.all([planner.kill("SIGKILL"), gateway.kill("SIGKILL")]).then(() => resolve());
    };
    connection.subscribe(factSubject("combination.rendered", batchId), { callback });
  });
  await connection.flush();
  const request = { batchId, requestId: "once" };
  const answer = pipeline.batches.deliverCombinations(request).catch(() => undefined); // It may die before it answers.
  await killed;
  await answer;
  await connection.close();

  pipeline.start("planner");
  await pipeline.start("gateway").logged(/^listening/);
  const run = await resumed(pipeline.batches.deliverCombinations(request));
  expect(run).toMatchObject({ run: 2, combinations: BigInt(TOTAL) });
  const ended = await endOfRun(pipeline, batchId, run, { withinSeconds: 90 });
  const { state, combinations } = ended.status;
  expect([state, combinations?.delivered, combinations?.failed]).toEqual([BatchState.FINISHED, BigInt(TOTAL), 0n]);
  const once = Array.from({ length: TOTAL }, () => 1);
  expect([...timesPublished(ended.updates, "combinationRendered").values()]).toEqual(once);
  expect([...timesPublished(ended.updates, "combinationDelivered").values()]).toEqual(once);
  expect((await readdir(join(pipeline.out, batchId))).filter((name) => name.endsWith(".mp4"))).toHaveLength(TOTAL);
});

it("leaves nothing behind", () => expectNothingLeft(pipeline));
