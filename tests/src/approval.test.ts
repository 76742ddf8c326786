import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { BatchState, CombinationState, type CombinationStatus, factSubject, Sound, STREAM } from "@polyreel/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { countsOf, endOfRun, idsOf, resumed } from "./rework/runs.js";
import { combinationsOf, endOf, labels, manifestOf, submit } from "./testing/batches.js";
import { footage, video } from "./testing/blocks.js";
import { visibleFiles } from "./testing/left-behind.js";
import { makeFootage, put } from "./testing/media.js";
import { type Pipeline, type ServiceProcess, startPipeline } from "./testing/pipeline.js";

const { AWAITING_APPROVAL, DELIVERED, FAILED, REJECTED } = CombinationState;
const FOLDER = { kind: { case: "folder" as const, value: { path: "spring" } } };
const VIRTUAL = { kind: { case: "virtual" as const, value: {} } };
const WITHIN = { timeout: 60_000, interval: 50 };

let pipeline: Pipeline;
let gateway: ServiceProcess;
let planner: ServiceProcess;
let batchId: string;
let films: string[];
let waiting: readonly CombinationStatus[];
/** The bytes of a video, played before its approval. */
let played: Buffer;

const blocks = () => {
  const [a = "", b = "", x = "", y = "", z = ""] = films;
  return [
    video("hook", { choices: [footage("a", a), footage("b", b)] }),
    video("body", { choices: [footage("x", x), footage("y", y), footage("z", z)] }),
  ];
};
const statusOf = async (id = batchId) => (await pipeline.batches.getBatch({ batchId: id })).batch;
const stateOf = async (id = batchId) => (await statusOf(id))?.state;
const written = (folder = "spring") => visibleFiles(join(pipeline.out, folder)).catch((): string[] => []);
const idOf = (label: string) => waiting.find((one) => labels(one) === label)?.id ?? "";
const stateOfAll = async (id = batchId) =>
  Object.fromEntries((await combinationsOf(pipeline, id)).map((one) => [labels(one), one.state]));

beforeAll(async () => {
  pipeline = await startPipeline({ POLYREEL_ACK_WAIT_SECONDS: "3" });
  ({ gateway, planner } = pipeline.services);
  const footages = ["a", "b", "x", "y", "z"].map((name, i) =>
    makeFootage(pipeline.folder, `${name}.mp4`, { seconds: 0.3 + i / 30, hertz: 300 + 50 * i }),
  );
  films = await Promise.all(footages.map(async (path) => put(pipeline, await path)));
  batchId = await submit(pipeline, {
    ...{ name: "sale", naming: "{hook}_{body}", approve: true, blocks: blocks() },
    outputs: [
      { name: "video", to: [FOLDER] },
      { name: "poster", operation: { case: "thumbnail", value: { width: 60 } }, to: [FOLDER] },
      { name: "draft", operation: { case: "mp4", value: {} }, to: [VIRTUAL] },
    ],
  });
});
afterAll(() => pipeline?.close());

it("lays every combination out, and writes nothing", async () => {
  await expect.poll(() => stateOf(), WITHIN).toBe(BatchState.AWAITING_APPROVAL);
  waiting = await combinationsOf(pipeline, batchId);
  const status = await statusOf();
  expect(status).toMatchObject({
    approve: true,
    combinations: { total: 6n, rendered: 6n, awaitingApproval: 6n, approved: 0n, rejected: 0n, delivered: 0n },
    deliveries: { total: 18n, awaitingApproval: 18n, delivered: 0n },
  });
  expect(status?.finishedAt).toBeUndefined();
  expect(waiting.map(({ state }) => state)).toEqual(Array(6).fill(AWAITING_APPROVAL));
  expect(waiting[0]?.outputs.map(({ name, state }) => [name, state])).toEqual([
    ["video", AWAITING_APPROVAL],
    ["poster", AWAITING_APPROVAL],
    ["draft", AWAITING_APPROVAL],
  ]);
  expect(await readdir(pipeline.out).catch(() => [])).toEqual([]);
  const { combination } = await pipeline.batches.getCombination({ batchId, combinationId: idOf("a/x") });
  expect(combination?.outputs[0]).toMatchObject({ state: AWAITING_APPROVAL, percent: 80 });
  expect(combination?.outputs[0]?.step).toBeUndefined();
});

it("keeps no pending message while combinations wait", async () => {
  const connection = await connect({ servers: pipeline.nats.url });
  try {
    const manager = await jetstreamManager(connection);
    const consumer = await manager.consumers.info(STREAM, `uploader-${batchId}`);
    expect(consumer).toMatchObject({ num_ack_pending: 0, num_pending: 0 });
  } finally {
    await connection.close();
  }
});

it("serves waiting combinations by ranges", async () => {
  const { certificate, urlPath } = waiting.find(({ id }) => id === idOf("a/x")) ?? {};
  const size = Number(certificate?.sizeBytes);
  const url = pipeline.url + urlPath;
  expect(url).toMatch(/\/a_x\.mp4$/);
  const read = async (range: string) => {
    const answer = await fetch(url, { headers: { range } });
    expect(answer.status).toBe(206);
    return Buffer.from(await answer.arrayBuffer());
  };
  const half = Math.floor(size / 2);
  played = Buffer.concat([await read(`bytes=0-${half - 1}`), await read(`bytes=${half}-`)]);
  expect(played).toHaveLength(size);
  for (const { urlPath } of waiting[0]?.outputs ?? []) expect((await fetch(pipeline.url + urlPath)).status).toBe(200);
  expect(await readdir(pipeline.out).catch(() => [])).toEqual([]);
});

it("delivers nothing that waits through a retry, a replay or a delivery", async () => {
  expect(await resumed(pipeline.batches.retryBatch({ batchId }))).toMatchObject({ run: 0 });
  expect(await resumed(pipeline.batches.deliverCombinations({ batchId }))).toMatchObject({ run: 0 });
  const named = { batchId, which: { combinationIds: [idOf("a/x")] } };
  await expect(pipeline.batches.deliverCombinations(named)).rejects.toThrow(/waits for approval/);
  const run = await resumed(pipeline.batches.replayBatch(named));
  expect(run).toMatchObject({ run: 2, combinations: 1n });
  await expect.poll(async () => (await statusOf())?.combinations?.rendered, WITHIN).toBe(6n);
  await expect.poll(() => stateOf(), WITHIN).toBe(BatchState.AWAITING_APPROVAL);
  expect(await readdir(pipeline.out).catch(() => [])).toEqual([]);
});

it("delivers exactly the approved combinations, although gateway, planner and uploader are killed in between", async () => {
  const { uploader } = pipeline.services;
  await Promise.all([uploader.kill("SIGKILL"), planner.kill("SIGKILL")]);
  const request = { batchId, requestId: "first", which: { choices: [{ block: "body", choice: "x" }] } };
  const run = await resumed(pipeline.batches.approveCombinations(request));
  expect(run).toMatchObject({ run: 3, combinations: 2n });
  await gateway.kill("SIGKILL");
  gateway = pipeline.start("gateway");
  await gateway.logged(/^listening/);
  planner = pipeline.start("planner");
  await expect
    .poll(async () => (await statusOf())?.combinations, WITHIN)
    .toMatchObject({ awaitingApproval: 4n, approved: 2n, delivered: 0n });
  pipeline.start("uploader");
  expect(await resumed(pipeline.batches.approveCombinations(request))).toMatchObject({ run: 3, combinations: 2n });
  await expect(pipeline.batches.approveCombinations({ batchId, requestId: "first" })).rejects.toThrow(/request id/);
  await expect
    .poll(async () => (await statusOf())?.combinations, WITHIN)
    .toMatchObject({ awaitingApproval: 4n, approved: 2n, delivered: 2n });
  await expect.poll(() => stateOf(), WITHIN).toBe(BatchState.AWAITING_APPROVAL);
  expect(await written()).toEqual(["a_x.jpg", "a_x.mp4", "b_x.jpg", "b_x.mp4"]);
  expect(await readFile(join(pipeline.out, "spring", "a_x.mp4"))).toEqual(played);
});

it("drops rejected combinations with the reason, and refuses those that are not waiting", async () => {
  const rejected = idOf("a/y");
  const reason = "wrong logo";
  const request = { batchId, reason, which: { combinationIds: [rejected] } };
  const run = await resumed(pipeline.batches.rejectCombinations(request));
  expect(run).toMatchObject({ run: 4, combinations: 1n });
  await expect.poll(async () => (await stateOfAll())["a/y"], WITHIN).toBe(REJECTED);
  const { combination } = await pipeline.batches.getCombination({ batchId, combinationId: rejected });
  expect(combination?.status).toMatchObject({ state: REJECTED, rejectionReason: reason });
  expect(combination?.outputs.map((one) => one.rejectionReason)).toEqual([reason, reason, reason]);
  await expect(pipeline.batches.rejectCombinations(request)).rejects.toThrow(/does not wait for approval/);
  const delivered = { batchId, which: { combinationIds: [idOf("a/x")] } };
  await expect(pipeline.batches.rejectCombinations(delivered)).rejects.toThrow(/does not wait for approval/);
  await expect(pipeline.batches.approveCombinations(delivered)).rejects.toThrow(/neither waits/);
  const unknown = { batchId, which: { combinationIds: ["nope"] } };
  await expect(pipeline.batches.approveCombinations(unknown)).rejects.toThrow(/no combination/);
});

it("decides each combination once despite concurrent decisions, and ends", async () => {
  const { batches } = pipeline;
  planner.child.kill("SIGSTOP"); // Decisions are accepted before any of them is carried out.
  const calls = [
    batches.approveCombinations({ batchId, which: { choices: [{ block: "hook", choice: "a" }] } }),
    batches.rejectCombinations({ batchId, reason: "too long" }),
    batches.approveCombinations({ batchId }),
  ];
  setTimeout(() => planner.child.kill("SIGCONT"), 500);
  const runs = await Promise.all(calls.map(resumed));
  expect(runs.reduce((sum, { combinations }) => sum + combinations, 0n)).toBe(3n);
  const { status, combinations } = await endOf(pipeline, batchId, { withinSeconds: 60 });
  expect(status.state).toBe(BatchState.FINISHED);
  const [inA, inB] = [idOf("a/z"), idOf("b/z")].map((id) => combinations.find((one) => one.id === id)?.state);
  expect([DELIVERED, REJECTED]).toContain(inA);
  expect([DELIVERED, REJECTED]).toContain(inB);
  const { delivered = 0n, rejected = 0n } = status.combinations ?? {};
  expect(delivered + rejected).toBe(6n);
  const names = combinations.flatMap((one) => (one.state === DELIVERED ? [labels(one).replace("/", "_")] : []));
  const rows = await manifestOf(pipeline, "spring");
  const files = (await written()).filter((name) => !name.startsWith("manifest"));
  expect(files).toEqual(names.flatMap((name) => [`${name}.jpg`, `${name}.mp4`]).sort());
  expect(rows.filter((row) => row.output === "video").map(({ status }) => status)).toEqual(
    combinations.map(({ state }) => (state === DELIVERED ? "delivered" : "rejected")),
  );
  expect(rows.find(({ id }) => id === idOf("a/y"))).toMatchObject({
    ...{ output: "video", status: "rejected", rejectionReason: "wrong logo" },
    choices: { hook: "a", body: "y" },
  });
});

it("approves a rejected one only by its id, even after the end", async () => {
  expect(await resumed(pipeline.batches.approveCombinations({ batchId }))).toMatchObject({ run: 0 });
  const which = { combinationIds: [idOf("a/y")] };
  const run = await resumed(pipeline.batches.approveCombinations({ batchId, which }));
  expect(run.combinations).toBe(1n);
  const { status, combinations } = await endOfRun(pipeline, batchId, run);
  expect(status.state).toBe(BatchState.FINISHED);
  expect(combinations.find(({ id }) => id === idOf("a/y"))).toMatchObject({ state: DELIVERED, rejectionReason: "" });
  expect(await written()).toContain("a_y.mp4");
  const rejected = (await combinationsOf(pipeline, batchId)).filter(({ state }) => state === REJECTED);
  expect(idsOf(rejected, "hook", "a")).not.toContain(idOf("a/y"));
});

it("retries an approved failure without another approval", async () => {
  const clash = await submit(pipeline, {
    ...{ name: "other", naming: "{hook}_{body}", approve: true },
    blocks: blocks(),
    outputs: [{ to: [{ kind: { case: "folder", value: { path: "other" } } }] }],
    where: ['hook == "a" && body == "x"'],
  });
  await expect.poll(() => stateOf(clash), WITHIN).toBe(BatchState.AWAITING_APPROVAL);
  await mkdir(join(pipeline.out, "other", "a_x.mp4"), { recursive: true }); // In the way.
  await pipeline.batches.approveCombinations({ batchId: clash });
  const ended = await endOf(pipeline, clash, { withinSeconds: 60 });
  expect(ended.combinations.map(({ state }) => state)).toEqual([FAILED]);
  await rm(join(pipeline.out, "other", "a_x.mp4"), { recursive: true });
  const again = await endOfRun(pipeline, clash, await resumed(pipeline.batches.retryBatch({ batchId: clash })));
  expect(again.combinations.map(({ state }) => state)).toEqual([DELIVERED]);
  expect(await written("other")).toContain("a_x.mp4");
});

it("rejects each once although planner and gateway are killed meanwhile", async () => {
  const choices = films.map((film, i) => footage(`${i}`, film, { sound: Sound.MUTED })); // A soundtrack each would take long.
  const many = await submit(pipeline, {
    approve: true,
    blocks: ["i", "j", "k"].map((name) => video(name, { choices })),
  });
  await expect.poll(() => stateOf(many), WITHIN).toBe(BatchState.AWAITING_APPROVAL);
  const connection = await connect({ servers: pipeline.nats.url });
  let answered = 0;
  const killed = new Promise<void>((resolve) => {
    const callback = () => {
      if (++answered === 5) void Promise.all([planner.kill("SIGKILL"), gateway.kill("SIGKILL")]).then(() => resolve());
    };
    connection.subscribe(factSubject("combination.rejected", many), { callback });
  });
  await connection.flush();
  const request = { batchId: many, requestId: "all", reason: "too long" };
  const answer = pipeline.batches.rejectCombinations(request).catch(() => undefined); // It may die before it answers.
  await killed;
  await answer;
  await connection.close();
  planner = pipeline.start("planner");
  gateway = pipeline.start("gateway");
  await gateway.logged(/^listening/);
  expect(await resumed(pipeline.batches.rejectCombinations(request))).toMatchObject({ run: 2, combinations: 125n });
  const { status, updates } = await endOf(pipeline, many, { withinSeconds: 60 });
  expect(status.combinations).toMatchObject({ total: 125n, rejected: 125n, awaitingApproval: 0n, delivered: 0n });
  expect(countsOf(updates)).toMatchObject({ combinationRendered: 125, combinationRejected: 125 });
  expect(await manifestOf(pipeline, many)).toHaveLength(125);
});

it("is cancelled and deleted while it waits", async () => {
  const other = await submit(pipeline, { approve: true, blocks: blocks() });
  await expect.poll(() => stateOf(other), WITHIN).toBe(BatchState.AWAITING_APPROVAL);
  await expect(pipeline.batches.deleteBatch({ batchId: other })).rejects.toThrow(/still at work/);
  await pipeline.batches.cancelBatch({ batchId: other });
  expect(await statusOf(other)).toMatchObject({
    state: BatchState.CANCELLED,
    combinations: { awaitingApproval: 6n, delivered: 0n },
  });
  await expect(pipeline.batches.approveCombinations({ batchId: other })).rejects.toThrow(/cancelled/);
  await expect(pipeline.batches.rejectCombinations({ batchId: other })).rejects.toThrow(/cancelled/);
  await expect.poll(async () => (await statusOf(other))?.finishedAt, WITHIN).toBeDefined();
  await pipeline.batches.deleteBatch({ batchId: other });
  await expect.poll(() => statusOf(other).catch(() => "gone"), WITHIN).toBe("gone");
  expect(await readdir(pipeline.out)).not.toContain(other);
});
