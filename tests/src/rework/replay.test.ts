import { createHash } from "node:crypto";
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { BatchState, Overrun, ReworkFrom } from "@polyreel/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { expectWhole, timesMade } from "../kill/whole.js";
import { type Ended, runBatch } from "../testing/batches.js";
import { audio, bed, footage, video, voice } from "../testing/blocks.js";
import { expectNothingLeft } from "../testing/leftovers.js";
import { makeBed, makeFootage, put } from "../testing/media.js";
import { partFiles } from "../testing/parts.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { countsOf, endOfRun, idsOf, resumed } from "./runs.js";

let pipeline: Pipeline;
let clips: string[];
let chord: string;
let first: Ended;
beforeAll(async () => {
  pipeline = await startPipeline();
  const { folder } = pipeline;
  const footages = [0, 1].map((i) => makeFootage(folder, `${i}.mp4`, { seconds: 0.3 + i / 5, size: "160x90" }));
  clips = await Promise.all(footages.map(async (path) => put(pipeline, await path)));
  chord = await put(pipeline, await makeBed(folder, "chord.wav"));
  first = await runBatch(pipeline, {
    blocks: [
      video("hook", { choices: clips.map((sha256, i) => footage(`${i}`, sha256)) }),
      voice("say", { overrun: Overrun.EXTEND, choices: [{ label: "nothing" }, { text: "Hello" }] }),
      audio("music", { choices: [bed("none"), bed("chord", chord)] }),
    ],
  });
  await expectWhole(pipeline, first);
});
afterAll(() => pipeline?.close());

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => expect.fail("it was not refused"),
    (error: unknown) => ConnectError.from(error),
  );

const hashOf = async (path: string) =>
  createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
const contents = async (folder: string) => {
  const names = (await readdir(join(pipeline.out, folder))).filter((name) => name.endsWith(".mp4")).sort();
  return Promise.all(names.map(async (name) => [name, await hashOf(join(pipeline.out, folder, name))]));
};

it("delivers selected ones again, in place and elsewhere, without making or touching anything else", async () => {
  const { batchId } = first;
  const before = await contents(batchId);
  const parts = await partFiles(pipeline);
  const [chosen, other] = first.combinations;
  const path = join(pipeline.out, chosen?.path ?? "");
  await writeFile(path, "overwritten");

  const here = await resumed(
    pipeline.batches.deliverCombinations({ batchId, which: { combinationIds: [chosen?.id ?? ""] } }),
  );
  const second = await endOfRun(pipeline, batchId, here);
  expect(countsOf(second.updates)).toEqual({
    ...{ batchResumed: 1, batchRequeued: 1, batchFinished: 1 },
    ...{ combinationRendered: 1, combinationDelivered: 1 },
  });
  expect(await contents(batchId)).toEqual(before);
  expect(second.combinations.find(({ id }) => id === other?.id)).toEqual(other);
  expect(second.combinations[0]).toMatchObject({ path: chosen?.path, certificate: chosen?.certificate });
  expect(second.combinations[0]?.traceId).not.toBe(chosen?.traceId);

  const destination = { kind: { case: "folder", value: { path: "best/of" } } } as const;
  const request = { batchId, requestId: "best", which: { choices: [{ block: "hook", choice: "1" }] }, destination };
  const there = await resumed(pipeline.batches.deliverCombinations(request));
  const third = await endOfRun(pipeline, batchId, there);
  expect(there.combinations).toBe(4n);
  const ids = idsOf(third.combinations, "hook", "1");
  const moved = third.combinations.filter(({ id }) => ids.includes(id));
  expect(moved.map((one) => one.path.startsWith("best/of/"))).toEqual([true, true, true, true]);
  expect(await contents("best/of")).toEqual(
    before.filter(([name]) => moved.some((one) => one.path.endsWith(`/${name}`))),
  );
  expect(await contents(batchId)).toEqual(before);
  const listing = join(pipeline.out, "best/of", `manifest-${batchId}.jsonl`);
  const listed = async () => (await readFile(listing, "utf8").catch(() => "")).trimEnd().split("\n").length;
  await expect.poll(listed, { timeout: 10_000 }).toBe(4);
  // Repeating the request delivers nothing again.
  const times = await stat(join(pipeline.out, moved[0]?.path ?? ""));
  expect(await resumed(pipeline.batches.deliverCombinations(request))).toMatchObject({
    run: there.run,
    combinations: 4n,
  });
  expect(await stat(join(pipeline.out, moved[0]?.path ?? ""))).toEqual(times);
  expect(await partFiles(pipeline)).toEqual(parts);
});

it("replays from planned with existing parts, or rebuilds them to the same bytes", async () => {
  const { batchId } = first;
  const before = await contents(batchId);
  const parts = await partFiles(pipeline);
  const destination = { kind: { case: "folder", value: { path: batchId } } } as const;
  const plain = await resumed(pipeline.batches.replayBatch({ batchId, destination }));
  const again = await endOfRun(pipeline, batchId, plain);
  expect(countsOf(again.updates)).toEqual({
    ...{ batchResumed: 1, batchRequeued: 1, batchFinished: 1 },
    ...{ combinationPlanned: 8, combinationRendered: 8, combinationDelivered: 8 },
  });
  expect(await contents(batchId)).toEqual(before);

  const forced = await resumed(pipeline.batches.replayBatch({ batchId, force: true }));
  const rebuilt = await endOfRun(pipeline, batchId, forced);
  expect(rebuilt.status).toMatchObject({ state: BatchState.FINISHED, combinations: { delivered: 8n, failed: 0n } });
  const made = timesMade(rebuilt.updates);
  expect([...made.values()]).toEqual([...made].map(() => 1));
  const { clips: c, soundtracks: s, voices: v } = first.status;
  expect(BigInt(made.size)).toBe((c?.distinct ?? 0n) + (s?.distinct ?? 0n) + (v?.distinct ?? 0n));
  expect([...(await partFiles(pipeline)).keys()].sort()).toEqual([...parts.keys()].sort());
  expect(await contents(batchId)).toEqual(before);
});

it("replays a period, from the plan on request", async () => {
  const { batchId } = first;
  const none = await resumed(
    pipeline.batches.replayBatch({ batchId, until: timestampFromDate(new Date(Date.now() - 3_600_000)) }),
  );
  expect(none).toMatchObject({ run: 0, combinations: 0n });
  const since = timestampFromDate(new Date(Date.now() - 3_600_000));
  const which = { choices: [{ block: "music", choice: "none" }] };
  const some = await resumed(pipeline.batches.replayBatch({ batchId, since, which, from: ReworkFrom.PLAN }));
  expect(some.combinations).toBe(4n);
  const ended = await endOfRun(pipeline, batchId, some);
  expect(countsOf(ended.updates)).toMatchObject({ combinationPlanned: 4, combinationDelivered: 4 });
  expect(ended.status.combinations).toMatchObject({ delivered: 8n, failed: 0n });
});

it("remakes lost parts, including voice lines of lost soundtracks", async () => {
  const { batchId } = first;
  const before = await contents(batchId);
  // Processes that have them in memory would not miss them.
  const { renderer, uploader } = pipeline.services;
  await Promise.all([renderer.kill("SIGTERM"), uploader.kill("SIGTERM")]);
  const parts = join(pipeline.store, "tenants", "default", "parts");
  for (const kind of ["voice", "sound"]) await rm(join(parts, kind), { recursive: true });
  pipeline.start("renderer");
  pipeline.start("uploader");
  const run = await resumed(pipeline.batches.replayBatch({ batchId }));
  const ended = await endOfRun(pipeline, batchId, run);
  expect(ended.status.combinations).toMatchObject({ delivered: 8n, failed: 0n });
  expect(await contents(batchId)).toEqual(before);
});

it("refuses invalid requests", async () => {
  const { batchId } = first;
  const forced = pipeline.batches.replayBatch({ batchId, from: ReworkFrom.RENDERED, force: true });
  expect((await refusal(forced)).code).toBe(Code.InvalidArgument);
  const unknown = pipeline.batches.deliverCombinations({ batchId, which: { combinationIds: ["nope"] } });
  expect((await refusal(unknown)).rawMessage).toMatch(/no combination "nope"/);
  expect((await refusal(pipeline.batches.retryBatch({ batchId: "bnope" }))).code).toBe(Code.NotFound);
});

it("leaves nothing behind", () => expectNothingLeft(pipeline));
