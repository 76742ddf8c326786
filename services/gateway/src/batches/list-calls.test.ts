import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Client, Code, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { BatchService, BatchState, CombinationState, FailureCode } from "@polyreel/contract";
import { readWorkList } from "@polyreel/pipeline";
import { scopedStore } from "@polyreel/platform/blobs";
import { lastFact } from "@polyreel/platform/stream";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { refusal } from "../testing/batch-gateway.js";
import { type RunningGateway, runGateway } from "../testing/running-gateway.js";
import { sampleBatch } from "../testing/sample-batch.js";

/** Allows for a busy machine. */
const PATIENT = { timeout: 20_000 };

let gateway: RunningGateway;
let client: Client<typeof BatchService>;
beforeAll(async () => {
  gateway = await runGateway();
  client = createClient(BatchService, createGrpcTransport({ baseUrl: gateway.url }));
});
afterAll(() => gateway.close());

const submit = async (name: string, tenant = "default") =>
  (await client.submitBatch({ batch: sampleBatch({ name, tenant }), requestId: randomUUID() })).batch?.batchId ?? "";

const ANOTHER_LIST = {
  code: Code.InvalidArgument,
  failures: [
    { field: "page_token", reason: "This page token belongs to another list: the filter or the order differs." },
  ],
};

describe("ListCombinations", () => {
  let batchId: string;
  beforeAll(async () => {
    batchId = await submit("sample");
    const { publisher } = gateway.platform;
    for (const n of [3, 0, 4, 1, 2]) {
      const choices = [{ block: "hook", choice: "friday" }];
      const combination = { id: `c${n}`, ordinal: BigInt(n), choices };
      await publisher.publish("combination.planned", { batchId, attempt: 1, combination }, { id: combination.id });
    }
    for (const n of [1, 3, 2]) {
      const certificate = { sizeBytes: BigInt(1000 + n), videoSeconds: 2 };
      await publisher.publish(
        "combination.delivered",
        { batchId, combinationId: `c${n}`, ordinal: BigInt(n), path: `${n}.mp4`, attempt: 1, certificate },
        { id: `c${n}` },
      );
      await sleep(2); // Ends are compared in milliseconds.
    }
    const delivered = async () => (await client.getBatch({ batchId })).batch?.combinations?.delivered;
    await vi.waitFor(async () => expect(await delivered()).toBe(3n), PATIENT);
  });

  async function pages(asked: { orderBy?: string }) {
    const all: string[][] = [];
    for (let pageToken = "", more = true; more; more = pageToken !== "") {
      const page = await client.listCombinations({ batchId, pageSize: 2, ...asked, pageToken });
      all.push(page.combinations.map(({ id }) => id));
      pageToken = page.nextPageToken;
    }
    return all;
  }

  it("returns all pages in the batch's order or another one, and those of one state", async () => {
    expect(await pages({})).toEqual([["c0", "c1"], ["c2", "c3"], ["c4"]]);
    expect(await pages({ orderBy: "size desc" })).toEqual([["c3", "c2"], ["c1", "c4"], ["c0"]]);
    expect(await pages({ orderBy: "state desc, size" })).toEqual([["c1", "c2"], ["c3", "c0"], ["c4"]]);
    expect(await pages({ orderBy: "ended_at" })).toEqual([["c1", "c3"], ["c2", "c0"], ["c4"]]);
    const jump = { batchId, pageSize: 1, skip: 3n, total: true, orderBy: "size desc" };
    const { totalSize, nextPageToken: pageToken } = await client.listCombinations(jump);
    expect(totalSize).toBe(5n);
    expect((await client.listCombinations({ ...jump, pageToken })).combinations).toMatchObject([{ id: "c0" }]);
    expect((await client.listCombinations({ batchId, skip: 5n })).combinations).toEqual([]);
    const { combinations } = await client.listCombinations({ batchId, state: CombinationState.DELIVERED });
    expect(combinations).toMatchObject([
      { id: "c1", path: "1.mp4", choices: [{ block: "hook", choice: "friday" }], endedAt: expect.anything() },
      { id: "c2" },
      { id: "c3", path: "3.mp4" },
    ]);
  });

  it("refuses choices that the batch does not have, instead of selecting nothing", async () => {
    const wrong = (block: string, choice: string) => ({ choices: [{ block, choice }] });
    const list = (asked: object) => refusal(client.listCombinations({ batchId, ...asked }));
    const retry = (asked: object) => refusal(client.retryBatch({ batchId, which: asked }));
    for (const [call, list_] of [
      [list, "choices"],
      [retry, "which.choices"],
    ] as const) {
      expect(await call(wrong("hok", "friday"))).toMatchObject({
        code: Code.InvalidArgument,
        failures: [
          {
            field: `${list_}[0].block`,
            reason: 'The batch has no block "hok".',
            remedy: 'Did you mean "hook"? It has "hook" and "headline".',
          },
        ],
      });
      expect(await call(wrong("hook", "fridy"))).toMatchObject({
        failures: [
          { field: `${list_}[0].choice`, block: "hook", remedy: expect.stringMatching(/^Did you mean "friday"/) },
        ],
      });
    }
    const { combinations } = await client.listCombinations({ batchId, ...wrong("hook", "flower") });
    expect(combinations).toEqual([]);

    const canvases = ["square", "tall"].map((label) => ({ label, width: 720, height: 720 }));
    const { batch } = await client.submitBatch({ batch: sampleBatch({ canvases }) });
    const formats = { batchId: batch?.batchId ?? "", ...wrong("canvas", "sqare") };
    expect(await refusal(client.listCombinations(formats))).toMatchObject({
      failures: [{ field: "choices[0].choice", remedy: 'Did you mean "square"? It has "square" and "tall".' }],
    });
  });

  it("lists and retries failures by code, and refuses a token from a list of another code", async () => {
    const { publisher } = gateway.platform;
    const failing = await submit("failing");
    const codes = [FailureCode.UNAVAILABLE, FailureCode.SOURCE_INVALID, FailureCode.UNAVAILABLE, undefined];
    for (const [n, code] of codes.entries()) {
      const about = { batchId: failing, combinationId: `c${n}`, ordinal: BigInt(n), attempt: 1 };
      const failure = { reason: "No.", ...(code && { code }) };
      await publisher.publish("combination.failed", { ...about, failure }, { id: `c${n}` });
    }
    const failed = async () => (await client.getBatch({ batchId: failing })).batch?.combinations?.failed;
    await vi.waitFor(async () => expect(await failed()).toBe(4n), PATIENT);
    const list = (failureCodes: FailureCode[], rest = {}) =>
      client.listCombinations({ batchId: failing, failureCodes, ...rest });
    const ids = async (...asked: FailureCode[]) => (await list(asked)).combinations.map(({ id }) => id);
    expect(await ids(FailureCode.UNAVAILABLE)).toEqual(["c0", "c2"]);
    expect(await ids(FailureCode.UNSPECIFIED, FailureCode.SOURCE_INVALID)).toEqual(["c1", "c3"]);
    expect(await ids()).toEqual(["c0", "c1", "c2", "c3"]);
    const { nextPageToken: pageToken } = await list([FailureCode.UNAVAILABLE], { pageSize: 1 });
    expect((await list([FailureCode.UNAVAILABLE], { pageToken })).combinations).toMatchObject([{ id: "c2" }]);
    expect(await refusal(list([FailureCode.INTERNAL], { pageToken }))).toMatchObject(ANOTHER_LIST);

    const retry = (asked: object) => client.retryBatch({ batchId: failing, ...asked });
    const which = { combinationIds: ["c0", "c1"] };
    expect((await retry({ failureCodes: [FailureCode.INTERNAL] })).resumption).toMatchObject({ run: 0 });
    expect((await retry({ failureCodes: [FailureCode.UNAVAILABLE], which })).resumption).toMatchObject({
      run: 2,
      combinations: 1n,
    });
    expect((await retry({ failureCodes: [FailureCode.UNAVAILABLE] })).resumption).toMatchObject({ combinations: 2n });
    const { groups } = await client.listFailures({ batchId: failing });
    const shown = groups.map((one) => `${one.combinations} ${one.combinationId} ${one.worthRetrying}`);
    expect(shown.join()).toBe("2 c0 true,1 c1 false,1 c3 true");
    const causes = groups.slice(0, 1).flatMap(({ cause }) => cause ?? []);
    expect((await list([], { causes })).combinations).toMatchObject([{ id: "c0" }, { id: "c2" }]);
    expect((await retry({ causes })).resumption).toMatchObject({ combinations: 2n });
    expect((await retry({})).resumption).toMatchObject({ combinations: 4n });
  });

  it("lists and retries by the code of any failed delivery, and by outputs", async () => {
    const { publisher, stream } = gateway.platform;
    const outputs = [{ name: "video" }, { name: "poster", operation: { case: "thumbnail" as const, value: {} } }];
    const batch = sampleBatch({ name: "two outputs", outputs });
    const failing = (await client.submitBatch({ batch, requestId: randomUUID() })).batch?.batchId ?? "";
    const { UNAVAILABLE, SOURCE_INVALID } = FailureCode;
    const codes = [[UNAVAILABLE, SOURCE_INVALID], [SOURCE_INVALID], [UNAVAILABLE, UNAVAILABLE]];
    for (const [n, ofDeliveries] of codes.entries()) {
      const about = { batchId: failing, combinationId: `c${n}`, ordinal: BigInt(n), attempt: 1, deliveryCount: 2 };
      const choices = [{ block: "hook", choice: "friday" }];
      const combination = { id: `c${n}`, ordinal: BigInt(n), choices };
      const planned = { batchId: failing, attempt: 1, combination, deliveryCount: 2 };
      await publisher.publish("combination.planned", planned, { id: `c${n}` });
      for (const [delivery, code] of ofDeliveries.entries()) {
        const failed = { ...about, deliveries: 1n << BigInt(delivery), failure: { reason: "No.", code } };
        await publisher.publish("combination.failed", failed, { id: `c${n}.${delivery}` });
      }
      if (ofDeliveries.length === 1)
        await publisher.publish("combination.delivered", { ...about, delivery: 1, path: "c1.jpg" }, { id: "c1.1" });
    }
    const failed = async () => (await client.getBatch({ batchId: failing })).batch?.combinations?.failed;
    await vi.waitFor(async () => expect(await failed()).toBe(3n), PATIENT);

    const list = async (asked: object) => {
      const { combinations } = await client.listCombinations({ batchId: failing, ...asked });
      return combinations.map((one) => [one.id, ...one.outputs.map(({ name }) => name)]);
    };
    expect(await list({ failureCodes: [SOURCE_INVALID] })).toEqual([
      ["c0", "video", "poster"],
      ["c1", "video", "poster"],
    ]);
    expect(await list({ failureCodes: [SOURCE_INVALID], outputs: ["poster"] })).toEqual([["c0", "poster"]]);
    expect(await list({ state: CombinationState.FAILED, outputs: ["poster"] })).toEqual([
      ["c0", "poster"],
      ["c2", "poster"],
    ]);
    expect(await list({ outputs: ["poster"] })).toEqual([
      ["c0", "poster"],
      ["c1", "poster"],
      ["c2", "poster"],
    ]);
    expect(await refusal(list({ outputs: ["video", "postr"] }))).toMatchObject({
      code: Code.InvalidArgument,
      failures: [{ field: "outputs[1]", remedy: 'Did you mean "poster"? Its outputs are "video", "poster".' }],
    });

    /** What a retry works on: the mask of deliveries of each combination. */
    const retried = async (asked: object) => {
      const { resumption } = await client.retryBatch({ batchId: failing, ...asked });
      if (!resumption?.run) return {};
      const resumed = await lastFact(stream, "batch.resumed", failing);
      const worked: Record<string, bigint> = {};
      if (resumed?.fact.run !== resumption.run) expect.fail("another run");
      for await (const { ordinal, deliveries } of readWorkList(
        scopedStore(gateway.platform.store, resumed.fact.tenant),
        resumed.fact,
      ))
        worked[`c${ordinal}`] = deliveries;
      return worked;
    };
    expect(await retried({ failureCodes: [SOURCE_INVALID] })).toEqual({ c0: 2n, c1: 1n });
    expect(await retried({ failureCodes: [SOURCE_INVALID], which: { combinationIds: ["c0", "c2"] } })).toEqual({
      c0: 2n,
    });
    expect(await retried({ which: { outputs: ["poster"] } })).toEqual({ c0: 2n, c2: 2n });
    expect(await retried({ which: { outputs: ["video"], combinationIds: ["c2"] } })).toEqual({ c2: 1n });
    expect(await retried({ which: { outputs: ["video", "poster"] } })).toEqual({ c0: 0n, c1: 1n, c2: 0n });
    const ofPosters = { failureCodes: [SOURCE_INVALID], which: { outputs: ["poster"], combinationIds: ["c1"] } };
    expect(await retried(ofPosters)).toEqual({});
    expect(await refusal(retried({ which: { outputs: ["trailer"] } }))).toMatchObject({
      failures: [{ field: "which.outputs[0]", reason: 'The batch has no output "trailer".' }],
    });
  });

  it("refuses tokens of other lists, and invalid ones", async () => {
    const { nextPageToken: pageToken } = await client.listCombinations({ batchId, pageSize: 2, orderBy: "size desc" });
    expect((await client.listCombinations({ batchId, orderBy: "size  desc", pageToken })).combinations).toHaveLength(3);
    for (const other of [
      { batchId, pageToken },
      { batchId, pageToken, orderBy: "size" },
      { batchId, pageToken, orderBy: "size desc", state: CombinationState.DELIVERED },
      { batchId, pageToken, orderBy: "size desc", choices: [{ block: "hook", choice: "friday" }] },
      { batchId: await submit("another"), pageToken, orderBy: "size desc" },
    ]) {
      expect(await refusal(client.listCombinations(other))).toMatchObject(ANOTHER_LIST);
    }
    const forged = JSON.parse(Buffer.from(pageToken, "base64url").toString()) as unknown[];
    for (const token of [
      "zzz",
      "c3",
      ...[[], ["x"], [forged[0]], [forged[0], 99, 1, 1], [...forged, 1]].map(encoded),
    ]) {
      const refused = await refusal(client.listCombinations({ batchId, orderBy: "size desc", pageToken: token }));
      expect(refused, token).toMatchObject({ code: Code.InvalidArgument, failures: [{ field: "page_token" }] });
    }
  });

  it("names an unsupported order field, and the supported ones", async () => {
    expect(await refusal(client.listCombinations({ batchId, orderBy: "weight" }))).toMatchObject({
      code: Code.InvalidArgument,
      failures: [{ field: "order_by", remedy: "Fields are state, ordinal, ended_at, duration, size." }],
    });
  });
});

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("ListBatches", () => {
  it("returns all pages, newest first, while more batches arrive", async () => {
    const tenant = "pages";
    const submitted: string[] = [];
    for (let i = 0; i < 5; i++) submitted.push(await submit(`batch ${i % 3}`, tenant));
    const expected = [...submitted].reverse();

    const pages: string[][] = [];
    for (let pageToken = "", more = true; more; more = pageToken !== "") {
      const page = await client.listBatches({ tenant, pageSize: 2, pageToken });
      pages.push(page.batches.map(({ batchId }) => batchId));
      pageToken = page.nextPageToken;
      if (pages.length === 1) submitted.push(await submit("later", tenant));
    }
    expect(pages).toEqual([expected.slice(0, 2), expected.slice(2, 4), expected.slice(4)]);
    const oldest = await client.listBatches({ tenant, oldestFirst: true, states: [BatchState.PLANNING], pageSize: 1 });
    expect(oldest.batches.map(({ batchId }) => batchId)).toEqual([submitted[0]]);
    expect((await client.listBatches({ tenant, states: [BatchState.FINISHED] })).batches).toEqual([]);
    const { batches } = await client.listBatches({ tenant, orderBy: "name desc", pageSize: 3 });
    expect(batches.map(({ name }) => name)).toEqual(["later", "batch 2", "batch 1"]);
  });

  it("refuses tokens of other lists, and unsupported orders", async () => {
    await submit("one");
    await submit("two");
    const { nextPageToken: pageToken } = await client.listBatches({ pageSize: 1 });
    expect((await client.listBatches({ pageToken, orderBy: "submitted_at desc" })).batches).not.toEqual([]);
    for (const other of [{ oldestFirst: true }, { orderBy: "name" }, { tenant: "default" }]) {
      expect(await refusal(client.listBatches({ pageToken, ...other }))).toMatchObject(ANOTHER_LIST);
    }
    for (const [asked, reason] of [
      [{ orderBy: "size" }, 'Cannot sort by "size".'],
      [{ orderBy: "name, submitted_at" }, "Batches are sorted by one field."],
      [{ orderBy: "name", oldestFirst: true }, "oldest_first and order_by both say how batches are sorted."],
    ] as const) {
      const refused = await refusal(client.listBatches(asked));
      expect(refused).toMatchObject({ code: Code.InvalidArgument, failures: [{ field: "order_by", reason }] });
    }
  });
});
