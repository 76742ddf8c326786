import { basename, join } from "node:path";
import { BatchState, Overrun, Stage, type WatchBatchResponse } from "@polyreel/contract";
import { decodedFrameCount } from "@polyreel/media/testing";
import { createLog } from "@polyreel/platform/runtime";
import { connectNats, openStream } from "@polyreel/platform/stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Random } from "../property/random.js";
import { combinationsOf, endOf, labels, manifestOf, runBatch, submit, watch } from "../testing/batches.js";
import { audio, bed, footage, video, voice } from "../testing/blocks.js";
import { programsOf, visibleFiles } from "../testing/left-behind.js";
import { expectNothingLeft } from "../testing/leftovers.js";
import { makeBed, makeFootage, put } from "../testing/media.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { expectWhole } from "./whole.js";

let pipeline: Pipeline;
let quick: string;
let slow: string;
beforeAll(async () => {
  pipeline = await startPipeline();
  const { folder } = pipeline;
  quick = await put(pipeline, await makeFootage(folder, "quick.mp4", { seconds: 0.2, sound: false }));
  slow = await put(pipeline, await makeFootage(folder, "slow.mp4", { seconds: 20, sound: false }));
});
afterAll(() => pipeline?.close());

/** Names of the durable consumers of a batch. */
async function consumersOf(batchId: string): Promise<string[]> {
  const connection = await connectNats({ url: pipeline.nats.url, name: "test", log: createLog("test", "silent") });
  try {
    const { manager } = await openStream(connection, { maxBytes: 10 * 1024 ** 3 });
    const names: string[] = [];
    for await (const { name } of manager.consumers.list("POLYREEL")) if (name.endsWith(batchId)) names.push(name);
    return names.sort();
  } finally {
    await connection.close();
  }
}

it("stops a batch that is cancelled while encoding, and keeps delivered videos", async () => {
  const requestId = "cancelled";
  const batch = {
    canvas: { width: 720, height: 1280 },
    blocks: [video("hook", { choices: [footage("quick", quick), footage("slow", slow)] })],
  };
  const batchId = await submit(pipeline, batch, requestId);
  let delivered = false;
  await watch(pipeline, batchId, {
    withinSeconds: 60,
    until: ({ update }) => {
      delivered ||= update.case === "combinationDelivered";
      return (
        delivered && update.case === "progress" && update.value.stage === Stage.CLIP && update.value.fraction < 0.5
      );
    },
  });
  expect(await consumersOf(batchId)).toEqual(
    [
      ...[
        "planner",
        "planner-resumed",
        "renderer-clip",
        "renderer-combination",
        "renderer-image",
        "renderer-rendition",
      ],
      ...["renderer-sound", "tts", "uploader"],
    ].map((name) => `${name}-${batchId}`),
  );
  expect((await programsOf(pipeline)).length).toBeGreaterThan(0);

  const { batch: cancelled } = await pipeline.batches.cancelBatch({ batchId });
  expect(cancelled?.state).toBe(BatchState.CANCELLED);
  await expect.poll(() => programsOf(pipeline), { timeout: 3_000, interval: 20 }).toEqual([]);
  await expect.poll(() => consumersOf(batchId), { timeout: 5_000 }).toEqual([]);

  const rows = await manifestOf(pipeline, batchId);
  expect(rows.map(({ status }) => status)).toEqual(["delivered", "cancelled"]);
  expect(await visibleFiles(join(pipeline.out, batchId))).toEqual(["manifest.csv", "manifest.jsonl", "quick.mp4"]);
  expect(await decodedFrameCount(join(pipeline.out, batchId, "quick.mp4"))).toBe(6);

  // Repeating it, or submitting again, changes nothing.
  const { batch: again } = await pipeline.batches.cancelBatch({ batchId });
  expect(again).toEqual((await pipeline.batches.getBatch({ batchId })).batch);
  expect(again?.state).toBe(BatchState.CANCELLED);
  expect(await submit(pipeline, batch, requestId)).toBe(batchId);
  const states = (await combinationsOf(pipeline, batchId)).map((one) => [labels(one), one.path !== ""]);
  expect(states).toEqual([
    ["quick", true],
    ["slow", false],
  ]);
  expect(await programsOf(pipeline)).toEqual([]);
});

it("ends consistently when it is cancelled during its last deliveries", async () => {
  const random = new Random(4242);
  const trims = [100, 133, 166].map((ms) => ({ trim: { duration: { nanos: ms * 1_000_000 } } }));
  const choices = trims.map((trim, i) => footage(`${i}`, quick, trim));
  const batch = { blocks: [video("hook", { choices }), video("body", { choices })] };
  await expectWhole(pipeline, await runBatch(pipeline, batch)); // Later work has its parts, and is delivered quickly.
  for (let trial = 0; trial < 10; trial++) {
    const batchId = await submit(pipeline, batch);
    let wanted = random.whole(1, 9);
    const until = ({ update }: WatchBatchResponse) => update.case === "combinationDelivered" && --wanted <= 0;
    await watch(pipeline, batchId, { withinSeconds: 60, until });
    await new Promise((resolve) => setTimeout(resolve, random.whole(0, 10)));
    const { batch: answer } = await pipeline.batches.cancelBatch({ batchId });

    const { updates, status, combinations } = await endOf(pipeline, batchId, { withinSeconds: 60 });
    const { batches } = await pipeline.batches.listBatches({ pageSize: 1000 });
    expect(status).toEqual(batches.find((one) => one.batchId === batchId));
    expect(status.state).toBe(answer?.state);
    const cases = updates.map(({ update }) => update.case);
    expect(cases.filter((one) => one === "batchFinished")).toHaveLength(1);
    expect(cases.includes("batchCancelled")).toBe(status.state === BatchState.CANCELLED);
    // Exactly the delivered files exist, are reported and listed.
    const names = combinations.flatMap(({ path }) => (path ? [basename(path)] : [])).sort();
    expect(updates.at(-1)?.update.value).toMatchObject({ delivered: BigInt(names.length) });
    expect(status.combinations?.delivered).toBe(BigInt(names.length));
    expect(cases.filter((one) => one === "combinationDelivered")).toHaveLength(names.length);
    const rows = await manifestOf(pipeline, batchId);
    const listed = rows.flatMap(({ status: became, file }) => (became === "delivered" ? [String(file)] : []));
    expect(listed.sort()).toEqual(names);
    const files = (await visibleFiles(join(pipeline.out, batchId))).filter((name) => !name.startsWith("manifest"));
    expect(files.sort()).toEqual(names);
  }
});

it("remakes no part of the same batch, and is the same batch under the same request id", async () => {
  const chord = await put(pipeline, await makeBed(pipeline.folder, "chord.wav"));
  const batch = {
    blocks: [
      video("hook", {
        choices: [footage("quick", quick), footage("slow", slow, { trim: { duration: { seconds: 1n } } })],
      }),
      voice("say", { overrun: Overrun.TRIM, choices: [{ label: "nothing" }, { text: "Hello there" }] }),
      audio("music", { choices: [bed("none"), bed("chord", chord)] }),
    ],
  };
  const first = await runBatch(pipeline, batch, { requestId: "once" });
  await expectWhole(pipeline, first);
  const { clips, voices, soundtracks } = first.status;
  expect([clips?.made, voices?.made, soundtracks?.made]).toEqual([2n, 1n, 6n]);

  const same = await runBatch(pipeline, batch, { requestId: "once" });
  expect(same.batchId).toBe(first.batchId);
  expect(same.status).toEqual(first.status);

  const again = await runBatch(pipeline, batch, { requestId: "twice" });
  expect(again.batchId).not.toBe(first.batchId);
  expect(again.status).toMatchObject({
    clips: { distinct: 2n, made: 0n, reused: 2n },
    voices: { distinct: 1n, made: 0n, reused: 1n },
    soundtracks: { distinct: 6n, made: 0n, reused: 6n },
  });
  await expectWhole(pipeline, again);
  expect(again.combinations.map(({ certificate }) => certificate)).toEqual(
    first.combinations.map(({ certificate }) => certificate),
  );
});

it("leaves nothing behind", () => expectNothingLeft(pipeline));
