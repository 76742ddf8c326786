import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ConnectError } from "@connectrpc/connect";
import { BatchState, Sound, Stage, type WatchBatchResponse } from "@polyreel/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { expectWhole } from "../kill/whole.js";
import { endOf, manifestOf, runBatch, submit, watch } from "../testing/batches.js";
import { footage, video } from "../testing/blocks.js";
import { programsOf } from "../testing/left-behind.js";
import { expectNothingLeft } from "../testing/leftovers.js";
import { makeFootage, put } from "../testing/media.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { requestsTaken } from "../testing/requests-taken.js";
import { resumed } from "./runs.js";

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await startPipeline({ POLYREEL_ENCODES: "2" });
});
afterAll(() => pipeline?.close());

/** Takes a second or more to encode. */
async function slowBatch(name: string, seconds: number) {
  const path = await makeFootage(pipeline.folder, `${name}.mp4`, { seconds, sound: false });
  return batchOf([footage(name, await put(pipeline, path))]);
}

const batchOf = (choices: ReturnType<typeof footage>[]) => ({
  canvas: { width: 720, height: 1280 },
  blocks: [video("hook", { sound: Sound.MUTED, choices })],
});

/** Waits until a clip of the batch is being encoded. */
async function encoding(batchId: string, afterSequence = 0n): Promise<void> {
  const isIt = ({ update }: WatchBatchResponse) =>
    update.case === "progress" && update.value.stage === Stage.CLIP && update.value.fraction > 0;
  const call = new AbortController();
  const request = { batchId, afterSequence };
  for await (const one of pipeline.batches.watchBatch(request, { timeoutMs: 60_000, signal: call.signal })) {
    if (!isIt(one)) continue;
    call.abort();
    return;
  }
  throw new Error("It ended before anything was seen of it.");
}

it("stops a resumed run permanently, keeping earlier deliveries and parts", async () => {
  const batchOfOne = await slowBatch("again", 15);
  const { batchId, combinations } = await runBatch(pipeline, batchOfOne);
  const path = join(pipeline.out, combinations[0]?.path ?? "");
  const hash = async () =>
    createHash("sha256")
      .update(await readFile(path))
      .digest("hex");
  const before = await hash();
  const run = await resumed(pipeline.batches.replayBatch({ batchId, force: true }));
  await encoding(batchId, run.sequence - 1n);

  const { batch } = await pipeline.batches.cancelBatch({ batchId });
  expect(batch?.state).toBe(BatchState.CANCELLED);
  const cancelledAt = Date.now();
  await expect.poll(() => programsOf(pipeline), { timeout: 5_000, interval: 20 }).toEqual([]);
  expect(Date.now() - cancelledAt).toBeLessThan(3_000); // Within a second on an idle machine.
  const refused = pipeline.batches.retryBatch({ batchId });
  expect(await refused.catch((error: unknown) => ConnectError.from(error).rawMessage)).toMatch(
    /cancelled, which is final/,
  );
  expect((await pipeline.batches.cancelBatch({ batchId })).batch?.state).toBe(BatchState.CANCELLED);
  expect(await hash()).toBe(before);
  expect((await manifestOf(pipeline, batchId)).map(({ status }) => status)).toEqual(["delivered"]);

  // The part is complete: a batch that needs it finds it.
  const same = await runBatch(pipeline, batchOfOne);
  expect(same.status.clips).toMatchObject({ made: 0n, reused: 1n });
  await expectWhole(pipeline, same);
});

it("continues a part that another live batch wants", async () => {
  const batch = await slowBatch("shared", 25);
  const first = await submit(pipeline, batch);
  await encoding(first);
  const second = await submit(pipeline, batch);
  await expect.poll(() => requestsTaken(pipeline, second), { timeout: 10_000 }).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 1000)); // Until it has joined those waiting for the part.
  const programs = await programsOf(pipeline);
  expect(programs).toHaveLength(1);
  await pipeline.batches.cancelBatch({ batchId: first });
  // The same program continues until it ends by itself.
  const later: number[] = [];
  const stop = new AbortController();
  const looking = (async () => {
    while (!stop.signal.aborted) {
      later.push(...(await programsOf(pipeline)).map(({ pid }) => pid));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  const ended = await endOf(pipeline, second, { withinSeconds: 60 });
  stop.abort();
  await looking;
  expect([...new Set(later)]).toEqual(programs.map(({ pid }) => pid));
  await expectWhole(pipeline, ended);
});

it("delivers finished combinations elsewhere while the rest is being made", async () => {
  const made = (name: string, seconds: number) =>
    makeFootage(pipeline.folder, `${name}.mp4`, { seconds, sound: false });
  const quick = footage("quick", await put(pipeline, await made("quick", 0.2)));
  const rest = footage("rest", await put(pipeline, await made("rest", 24)));
  const batchId = await submit(pipeline, batchOf([quick, rest]));
  const isDelivered = ({ update }: WatchBatchResponse) => update.case === "combinationDelivered";
  await watch(pipeline, batchId, { withinSeconds: 60, until: isDelivered });
  const destination = { kind: { case: "folder", value: { path: "early" } } } as const;
  const run = await resumed(pipeline.batches.deliverCombinations({ batchId, destination }));
  expect(run).toMatchObject({ run: 2, combinations: 1n, batch: { state: BatchState.RUNNING } });

  const { updates, status } = await endOf(pipeline, batchId, { withinSeconds: 60 });
  expect(status).toMatchObject({ state: BatchState.FINISHED, combinations: { delivered: 2n, failed: 0n } });
  const delivered = updates.flatMap(({ update }) => (update.case === "combinationDelivered" ? update.value.path : []));
  expect(delivered.sort()).toEqual([`${batchId}/quick.mp4`, `${batchId}/rest.mp4`, "early/quick.mp4"].sort());
  const ends = updates.flatMap(({ update }) => (update.case === "batchFinished" ? update.value.run : []));
  expect(ends.at(-1)).toBe(2);
});

it("leaves nothing behind", () => expectNothingLeft(pipeline));
