import { Sound, Stage, type WatchBatchResponse } from "@polyreel/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { endOf, submit, watch } from "../testing/batches.js";
import { footage, video } from "../testing/blocks.js";
import { programsOf } from "../testing/left-behind.js";
import { expectNothingLeft } from "../testing/leftovers.js";
import { makeFootage, put } from "../testing/media.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { requestsTaken } from "../testing/requests-taken.js";
import { expectWhole } from "./whole.js";

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await startPipeline({ POLYREEL_ENCODES: "1" });
  // A canvas's first clip starts another program besides: the canvas's configuration is encoded once.
  await endOf(pipeline, await submit(pipeline, await slowBatch(1)), { withinSeconds: 60 });
});
afterAll(() => pipeline?.close());

/** Its clip takes some seconds to encode; each length makes a different one. */
async function slowBatch(seconds: number) {
  const name = `${seconds}s`;
  const sha256 = await put(pipeline, await makeFootage(pipeline.folder, `${name}.mp4`, { seconds, sound: false }));
  return {
    canvas: { width: 720, height: 1280 },
    blocks: [video("hook", { sound: Sound.MUTED, choices: [footage(name, sha256)] })],
  };
}

const isEncoding = ({ update }: WatchBatchResponse) =>
  update.case === "progress" && update.value.stage === Stage.CLIP && update.value.fraction > 0;
const encoding = (batchId: string) => watch(pipeline, batchId, { withinSeconds: 60, until: isEncoding });

const pids = async () => (await programsOf(pipeline)).map(({ pid }) => pid);

/** Ids of the programs that run until `work` has ended. */
async function pidsDuring<T>(work: Promise<T>): Promise<{ result: T; seen: number[] }> {
  const seen = new Set<number>();
  let over = false;
  const looking = (async () => {
    while (!over) {
      for (const pid of await pids()) seen.add(pid);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  const result = await work.finally(() => (over = true));
  await looking;
  return { result, seen: [...seen] };
}

it("continues a part for a batch that waits for a slot, and reports its progress to that", async () => {
  const batch = await slowBatch(14);
  const first = await submit(pipeline, batch);
  await encoding(first);
  const second = await submit(pipeline, batch); // The only slot is taken.
  await encoding(second);
  const programs = await pids();
  expect(programs).toHaveLength(1);
  await pipeline.batches.cancelBatch({ batchId: first });
  const { result, seen } = await pidsDuring(endOf(pipeline, second, { withinSeconds: 60 }));
  expect(seen).toEqual(programs);
  await expectWhole(pipeline, result);
});

it("stops with the last batch that wants it", async () => {
  const batch = await slowBatch(15);
  const batchIds = [await submit(pipeline, batch), await submit(pipeline, batch)];
  for (const batchId of batchIds) await encoding(batchId);
  const programs = await pids();
  for (const batchId of batchIds) {
    expect(await pids()).toEqual(programs);
    await pipeline.batches.cancelBatch({ batchId });
  }
  await expect.poll(pids, { timeout: 10_000, interval: 20 }).toEqual([]);
});

it("is taken over by another waiting renderer when the batch that it was started for is cancelled", async () => {
  const batch = await slowBatch(24);
  const { renderer } = pipeline.services;
  const first = await submit(pipeline, batch);
  await encoding(first);
  const programs = await pids();
  const other = pipeline.start("renderer");
  await other.logged(/^renderer ready/);
  // Paused for a moment, so that the other one takes the request.
  renderer.child.kill("SIGSTOP");
  const batchId = await submit(pipeline, batch);
  await expect.poll(() => requestsTaken(pipeline, batchId), { timeout: 10_000 }).toBe(1);
  renderer.child.kill("SIGCONT");
  await new Promise((resolve) => setTimeout(resolve, 1000)); // Until it has found the part in progress, and waits.
  expect(await pids()).toEqual(programs);
  await pipeline.batches.cancelBatch({ batchId: first });
  const { result, seen } = await pidsDuring(endOf(pipeline, batchId, { withinSeconds: 60 }));
  expect(seen.filter((pid) => !programs.includes(pid))).not.toEqual([]); // Another program has made it.
  expect(result.status).toMatchObject({ clips: { made: 1n, reused: 0n } });
  await expectWhole(pipeline, result);
});

it("leaves nothing behind", () => expectNothingLeft(pipeline));
