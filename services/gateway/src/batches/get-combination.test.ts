import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type Client, Code, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { BatchService, type BatchStatus, CombinationState, FailureCode, Stage } from "@polyreel/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { refusal } from "../testing/batch-gateway.js";
import { type RunningGateway, runGateway } from "../testing/running-gateway.js";
import { combination, openCombination, PATIENT, silent } from "./testing/open-combination.js";

let gateway: RunningGateway;
let client: Client<typeof BatchService>;

beforeAll(async () => {
  gateway = await runGateway();
  client = createClient(BatchService, createGrpcTransport({ baseUrl: gateway.url }));
});
afterAll(() => gateway.close());

const open = () => openCombination(gateway, client);

it("follows a combination from its plan to its delivery", async () => {
  const batch = await open();
  await batch.plan();
  await batch.becomes({ state: CombinationState.PLANNED });
  const planned = await batch.details();
  expect(planned.status).toMatchObject({ id: "c0", choices: combination.choices });
  expect(planned.warnings).toMatchObject(combination.warnings);
  expect(planned.outputs).toHaveLength(1);
  expect(planned.outputs[0]).toMatchObject({
    name: "video",
    percent: 0,
    step: { stage: Stage.CLIP, id: "k1", block: "hook", choice: "flower", index: 1, count: 3, fraction: 0 },
    ...{ urlPath: "", path: "" },
  });

  // The clip in progress is shown, not the first one; 0.6 of one of six steps is done.
  batch.progress({ stage: Stage.CLIP, id: "k2", fraction: 0.6 });
  await batch.becomes({
    percent: 10,
    step: { id: "k2", block: "body", choice: "demo", index: 2, count: 3, fraction: 0.6, tryingAgain: undefined },
  });
  await batch.publish("clip.ready", { hash: "k1", reused: true }); // Used twice, so it counts as two steps.
  await batch.becomes({ percent: 43, step: { id: "k2" } });
  await batch.publish("clip.ready", { hash: "k2" });
  await batch.becomes({ percent: 50, step: { stage: Stage.SOUND, id: "s1", block: "", index: 1, count: 1 } });
  await batch.publish("sound.ready", { hash: "s1" });
  await batch.becomes({ percent: 66, step: { stage: Stage.JOIN, id: "c0", index: 1, count: 1 } });

  await batch.layOut();
  await batch.becomes({ state: CombinationState.RENDERED, percent: 83, step: { stage: Stage.DELIVERY, id: "c0" } });
  const rendered = await batch.details();
  expect(rendered.warnings).toMatchObject([...combination.warnings, silent]);
  expect(rendered.outputs[0]?.urlPath).toBe(`/outputs/${batch.batchId}/c0/flower%20demo.mp4`);

  await batch.deliver({ path: "sale/flower demo.mp4", urlPath: "/outputs/as-delivered" });
  await batch.becomes({
    ...{ state: CombinationState.DELIVERED, percent: 100, step: undefined },
    ...{ path: "sale/flower demo.mp4", urlPath: "/outputs/as-delivered" },
  });
  expect(await batch.details()).toMatchObject({
    status: { path: "sale/flower demo.mp4" },
    warnings: [...combination.warnings, silent],
  });
});

it("counts only the clips that a picture waits for", async () => {
  const batch = await open();
  const outputs = [
    { targets: [{ folder: "sale" }] },
    {
      ...{ number: 1, fileName: "flower demo.jpg", targets: [{ folder: "sale", delivery: 1 }] },
      operation: { case: "picture" as const, value: { frames: [40], clips: 2 } },
    },
  ];
  await batch.plan({ outputs, deliveryCount: 2 });
  await batch.publish("clip.ready", { hash: "k1" });
  // The video waits for both uses of a clip.
  await batch.becomes({ percent: 33, step: { stage: Stage.CLIP, id: "k2", count: 3 } });
  const poster = async () => (await batch.details()).outputs[1];
  expect(await poster()).toMatchObject({ percent: 25, step: { stage: Stage.CLIP, id: "k2", index: 2, count: 2 } });
  await batch.publish("clip.ready", { hash: "k2" });
  await expect.poll(poster, PATIENT).toMatchObject({ percent: 50, step: { stage: Stage.JOIN } });
  await batch.layOut({ outputPlan: outputs[1], output: 1, deliveryCount: 2 });
  await expect.poll(poster, PATIENT).toMatchObject({
    ...{ percent: 75, step: { stage: Stage.DELIVERY } },
    urlPath: `/outputs/${batch.batchId}/c0/flower%20demo.jpg`,
  });
  await batch.becomes({ percent: 50, step: { stage: Stage.SOUND }, urlPath: "" });
});

it("shows pending retries at each step", async () => {
  const batch = await open();
  await batch.plan();
  const next = (reason: string) => ({ tried: 2, tries: 5, nextAt: timestampFromMs(Date.now() + 60_000), reason });
  batch.progress({ stage: Stage.CLIP, id: "k2", fraction: 0.5 });
  await batch.becomes({ percent: 8, step: { id: "k2", fraction: 0.5 } });
  batch.progress({ stage: Stage.CLIP, id: "k2", tryingAgain: next("ffmpeg died.") }); // Its progress is lost.
  await batch.becomes({
    percent: 0,
    step: { id: "k2", fraction: 0, tryingAgain: { reason: "ffmpeg died.", tried: 2 } },
  });
  batch.progress({ stage: Stage.SOUND, id: "s1", fraction: 0.3 }); // A part in progress takes precedence over a waiting one.
  await batch.becomes({ percent: 5, step: { id: "s1", fraction: 0.3, tryingAgain: undefined } });
  await batch.ready();
  batch.progress({ stage: Stage.JOIN, id: "c0", tryingAgain: next("The store is not mounted.") });
  await batch.becomes({
    percent: 66,
    step: { stage: Stage.JOIN, tryingAgain: { reason: "The store is not mounted." } },
  });
  await batch.layOut();
  batch.progress({ stage: Stage.DELIVERY, id: "c0", tryingAgain: next("The disk is not mounted.") });
  await batch.becomes({
    percent: 83,
    step: { stage: Stage.DELIVERY, tryingAgain: { reason: "The disk is not mounted." } },
  });
});

it("ignores progress of other batches, and values out of range", async () => {
  const [batch, other] = [await open(), await open()];
  await batch.plan();
  await other.plan();
  other.progress({ stage: Stage.CLIP, id: "k1", fraction: 0.5 });
  for (const fraction of [Number.NaN, -3]) batch.progress({ stage: Stage.CLIP, id: "k1", fraction });
  batch.progress({ stage: Stage.CLIP, id: "k2", fraction: 17 });
  await other.becomes({ percent: 16 });
  await batch.becomes({ percent: 16, step: { id: "k1", fraction: 0 } });
});

it("shows a failure with its code and progress, whether parts, delivery or planning failed", async () => {
  const failure = { block: "hook", choice: "flower", reason: "It is broken.", code: FailureCode.SOURCE_INVALID };
  const [ofPart, ofDelivery, ofPlan] = [await open(), await open(), await open()];
  const failed = { state: CombinationState.FAILED, step: undefined, failure };
  await ofPart.plan();
  await ofPart.publish("clip.ready", { hash: "k2" });
  await ofPart.publish("clip.failed", { hash: "k1", failure });
  await ofPart.fail({ failure });
  ofPart.progress({ stage: Stage.SOUND, id: "s1", fraction: 0.9 }); // Others need it, too.
  await ofPart.becomes({ ...failed, percent: 16, urlPath: "" });

  await ofDelivery.plan();
  await ofDelivery.ready();
  await ofDelivery.layOut();
  await ofDelivery.fail({ failure });
  await ofDelivery.becomes({ ...failed, percent: 83, urlPath: expect.stringMatching(/^\/outputs\//) });

  await ofPlan.fail({ failure });
  await ofPlan.becomes({ ...failed, percent: 0, urlPath: "" });
  expect((await ofPlan.details()).warnings).toEqual([]);
});

it("starts again with the next attempt, even if parts are rebuilt", async () => {
  const batch = await open();
  await batch.plan();
  await batch.ready();
  await batch.layOut();
  await batch.fail({ failure: { reason: "The disk was full." } });
  await batch.becomes({ state: CombinationState.FAILED, percent: 83 });
  await batch.publish("combination.planned", { combination, attempt: 2, again: true, partsAfter: 7n });
  await batch.becomes({
    ...{ state: CombinationState.PLANNED, percent: 66, urlPath: "", failure: undefined },
    step: { stage: Stage.JOIN },
  });
  batch.progress({ stage: Stage.CLIP, id: "k2", fraction: 0.3 });
  await batch.becomes({ percent: 55, step: { stage: Stage.CLIP, id: "k2", fraction: 0.3 } });
  batch.progress({ stage: Stage.CLIP, id: "k2", fraction: 1 });
  await batch.becomes({ percent: 66, step: { stage: Stage.JOIN } });
  await batch.layOut({ attempt: 2 });
  await batch.deliver({ attempt: 2 });
  await batch.becomes({ percent: 100, step: undefined });
});

it("shows a virtual one as delivered, with a link and no path", async () => {
  const batch = await open();
  await batch.plan({ target: { virtual: true } });
  await batch.deliver({ urlPath: "/outputs/x/c0/a.mp4" });
  await batch.becomes({ state: CombinationState.DELIVERED, percent: 100, path: "", urlPath: "/outputs/x/c0/a.mp4" });
});

it("shows no step of a batch that was cancelled or is being deleted", async () => {
  const batch = await open();
  await batch.plan();
  await batch.publish("clip.ready", { hash: "k1" });
  batch.progress({ stage: Stage.CLIP, id: "k2", fraction: 0.9 });
  await batch.becomes({ percent: 48, step: { id: "k2" } });
  await client.cancelBatch({ batchId: batch.batchId });
  await batch.becomes({ state: CombinationState.PLANNED, percent: 33, step: undefined });
  const isFinished = async () => (await client.getBatch({ batchId: batch.batchId })).batch?.finishedAt !== undefined;
  await expect.poll(isFinished, PATIENT).toBe(true);
  await client.deleteBatch({ batchId: batch.batchId });
  await batch.becomes({ percent: 33, step: undefined });

  // Its facts are removed first, then the deletion is published.
  const { stream } = gateway.platform;
  await stream.manager.streams.purge("POLYREEL", { filter: `polyreel.*.*.${batch.batchId}` });
  expect(await batch.details()).toMatchObject({ outputs: [{ state: CombinationState.PLANNED, percent: 0 }] });
  await batch.publish("batch.deleted", {});
  const { batchId } = batch;
  const gone = async () => (await refusal(client.getCombination({ batchId, combinationId: "c0" }))).failures[0]?.reason;
  await expect.poll(() => gone().catch(() => ""), PATIENT).toBe(`There is no batch "${batchId}".`);
});

it("refuses what does not exist or is not planned yet, like ReadOutput", async () => {
  const batch = await open();
  const { batchId } = batch;
  const read = async (request: { batchId: string; combinationId: string }) => {
    for await (const _ of client.readOutput(request));
  };
  for (const request of [
    { batchId, combinationId: "c0" },
    { batchId, combinationId: "c".repeat(100) },
    { batchId, combinationId: "../\0*" },
    { batchId: "b".repeat(100), combinationId: "c0" },
  ]) {
    const refused = await refusal(client.getCombination(request));
    expect(refused.code).toBe(Code.NotFound);
    expect(refused).toEqual(await refusal(read(request)));
  }
  for (const request of [
    { batchId, combinationId: "" },
    { batchId: "", combinationId: "c0" },
    { batchId, combinationId: "c".repeat(101) },
  ]) {
    expect((await refusal(client.getCombination(request))).code).toBe(Code.InvalidArgument);
  }
  await batch.publish("combination.planned", {}); // Without a combination.
  await batch.plan();
  await batch.becomes({ percent: 0 });
});

it("answers a thousand concurrent calls", async () => {
  const batch = await open();
  await batch.plan();
  batch.progress({ stage: Stage.CLIP, id: "k1", fraction: 0.3 });
  await batch.becomes({ percent: 10 });
  const answers = await Promise.all(Array.from({ length: 1000 }, () => batch.output()));
  expect(new Set(answers.map((output) => `${output?.percent} ${output?.step?.id}`))).toEqual(new Set(["10 k1"]));
});

it("is UNAVAILABLE without NATS, except for delivered combinations", async () => {
  const [open1, delivered] = [await open(), await open()];
  await open1.plan();
  await delivered.plan();
  await delivered.deliver();
  await open1.becomes({ percent: 0 });
  await delivered.becomes({ percent: 100 });
  await gateway.nats.close();
  const isAway = async () => (await refusal(open1.details())).code;
  await expect.poll(isAway, PATIENT).toBe(Code.Unavailable);
  expect((await delivered.output())?.percent).toBe(100);
  const { batch } = await client.getBatch({ batchId: open1.batchId });
  expect(batch).toMatchObject({ batchId: open1.batchId } satisfies Partial<BatchStatus>);
});
