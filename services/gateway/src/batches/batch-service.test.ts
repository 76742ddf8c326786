import { createHash, randomUUID } from "node:crypto";
import { fromBinary, toBinary, toJsonString } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { type Batch, BatchSchema, BatchState, factSubject, STREAM } from "@polyreel/contract";
import { planKey, readBytes, scopedStore } from "@polyreel/platform/blobs";
import { lastFact } from "@polyreel/platform/stream";
import { normalizeBatch } from "@polyreel/spec";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startGateway } from "../service.js";
import { type BatchGateway, batchClient, PATIENT, refusal, runBatchGateway } from "../testing/batch-gateway.js";
import { sampleBatch } from "../testing/sample-batch.js";
import { batchIdOf } from "./batch-id.js";

let gateway: BatchGateway["gateway"];
let client: BatchGateway["client"];
let submit: BatchGateway["submit"];
let planned: BatchGateway["planned"];
beforeAll(async () => {
  ({ gateway, client, submit, planned } = await runBatchGateway({ maxCombinations: 100 }));
});
afterAll(() => gateway.close());

describe("SubmitBatch", () => {
  it("stores the normalised batch and publishes it once", async () => {
    const batchId = await submit();
    const { store, stream } = gateway.platform;
    const fact = await lastFact(stream, "batch.submitted", batchId);
    const bytes = await readBytes(scopedStore(store, "default"), planKey(batchId, fact?.fact.specSha256 ?? ""));
    expect(fromBinary(BatchSchema, bytes)).toEqual(normalizeBatch(sampleBatch()));
    expect(fact?.fact).toMatchObject({ batchId, tenant: "default", name: "sample", combinations: 4n });
    expect(fact?.fact.specSha256).toBe(createHash("sha256").update(bytes).digest("hex"));
    expect(fact?.traceparent).toMatch(/^00-[0-9a-f]{32}-/);
  });

  it("is what GetBatchSpecification returns, without the keys in its addresses", async () => {
    const url = "https://user:KEY@a.example/a.mp4?sig=KEY";
    const source = { case: "source" as const, value: { location: { case: "url" as const, value: url } } };
    const video = { case: "video" as const, value: { choices: [{ label: "a", media: source }] } };
    const given = sampleBatch({ blocks: [{ name: "hook", kind: video }] });
    const { batch } = await client.submitBatch({ batch: given });
    const answer = await client.getBatchSpecification({ batchId: batch?.batchId ?? "" });
    expect(answer.redacted).toMatchObject([{ block: "hook", choice: "a", field: "source.url" }]);
    const text = toJsonString(BatchSchema, answer.batch ?? given);
    expect(text).toContain('"url":"https://a.example/a.mp4?sig=redacted"');
    expect(text).not.toContain("KEY");
    expect(answer.batch?.outputs).toMatchObject([{ name: "video" }]);
    expect((await refusal(client.getBatchSpecification({ batchId: "b-none" }))).code).toBe(Code.NotFound);
  });

  it("returns the original response for a repeated request id, even for fifty concurrent calls on two gateways", async () => {
    const other = await startGateway(gateway.config);
    const clients = [client, batchClient(`http://127.0.0.1:${other.port}`)];
    const requestId = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => clients[i % 2]?.submitBatch({ batch: sampleBatch(), requestId })),
    );
    const [batchId, ...more] = new Set(answers.map((answer) => answer?.batch?.batchId));
    expect(more).toEqual([]);
    const subject = factSubject("batch.submitted", batchId ?? "");
    const { state } = await gateway.platform.stream.manager.streams.info(STREAM, { subjects_filter: subject });
    expect(state.subjects).toEqual({ [subject]: 1 });
    await other.close();
  });

  it("refuses another batch under the same request id, even concurrently", async () => {
    const requestId = randomUUID();
    const names = ["a", "b", "c", "d"];
    const outcomes = await Promise.allSettled(names.map((name) => submit(requestId, name)));
    const accepted = outcomes.filter((outcome) => outcome.status === "fulfilled");
    expect(accepted).toHaveLength(1);
    const batchId = accepted[0]?.value ?? "";
    const { store, stream } = gateway.platform;
    const fact = await lastFact(stream, "batch.submitted", batchId);
    const bytes = await readBytes(scopedStore(store, "default"), planKey(batchId, fact?.fact.specSha256 ?? ""));
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(fact?.fact.specSha256);
    expect(await refusal(submit(requestId, "later"))).toMatchObject({
      code: Code.AlreadyExists,
      failures: [{ field: "request_id", remedy: "Use a new request id for a changed batch." }],
    });
  });

  it("creates a new batch per call without a request id", async () => {
    expect(await submit("")).not.toBe(await submit(""));
  });

  it("names field, block and choice of every mistake", async () => {
    const batch = sampleBatch({ naming: "{hok}", canvas: { width: 721 } });
    const [hook, headline] = batch.blocks;
    if (headline?.kind.case === "text") headline.kind.value.over = ["hok"];
    if (hook?.kind.case === "video") for (const choice of hook.kind.value.choices) choice.label = "same";
    const { code, message, failures } = await refusal(client.submitBatch({ batch }));
    expect(code).toBe(Code.InvalidArgument);
    expect(failures.map(({ field, block, choice }) => [field, block, choice])).toEqual([
      ["canvas.width", "", ""],
      ["blocks[0].video.choices[1].label", "hook", "same"],
      ["blocks[1].text.over[0]", "headline", ""],
      ["naming", "", ""],
    ]);
    expect(message).toBe("canvas.width: width must be an even number from 16 to 4096. (And 3 more.)");
    expect(failures[2]?.remedy).toBe('Did you mean "hook"? The video block is "hook".');
  });

  it("refuses more combinations than its limit", async () => {
    const labels = Array.from({ length: 51 }, (_, i) => String(i));
    const choices = labels.map((text) => ({ text }));
    const blocks = [...sampleBatch().blocks, { name: "t", kind: { case: "text" as const, value: { choices } } }];
    expect(await refusal(client.submitBatch({ batch: { blocks } }))).toMatchObject({
      code: Code.InvalidArgument,
      failures: [{ reason: "The blocks make 204 combinations; the limit is 100." }],
    });
  });
});

describe("CancelBatch", () => {
  it("is final and idempotent", async () => {
    const batchId = await submit();
    const cancelled = await client.cancelBatch({ batchId });
    expect(cancelled.batch?.state).toBe(BatchState.CANCELLED);
    expect((await client.cancelBatch({ batchId })).batch?.state).toBe(BatchState.CANCELLED);
    const cases: (string | undefined)[] = [];
    for await (const { update } of client.watchBatch({ batchId })) cases.push(update.case);
    expect(cases).toEqual(["batchSubmitted", "batchCancelled", "batchFinished"]);
  });

  it("does not change a finished batch", async () => {
    const batchId = await submit();
    await planned(batchId, 0);
    await expect.poll(async () => (await client.getBatch({ batchId })).batch?.state, PATIENT).toBe(BatchState.FINISHED);
    expect((await client.cancelBatch({ batchId })).batch?.state).toBe(BatchState.FINISHED);
  });

  it.each(["getBatch", "cancelBatch", "listCombinations"] as const)("%s reports an unknown batch", async (call) => {
    expect(await refusal(client[call]({ batchId: "bnope" }))).toMatchObject({
      code: Code.NotFound,
      failures: [{ reason: 'There is no batch "bnope".' }],
    });
  });
});

describe("outputs", () => {
  it("are refused in both spellings at once, with a readable message", async () => {
    const mixed = [{ name: "video", poster: { seconds: 1n } }, { name: "Not this" }];
    const { code, failures } = await refusal(client.submitBatch({ batch: sampleBatch({ outputs: mixed }) }));
    expect(code).toBe(Code.InvalidArgument);
    expect(failures).toMatchObject([
      {
        field: "outputs[0]",
        reason: expect.stringMatching(/^The output has fields of both spellings: name, to, as or/),
      },
      { field: "outputs[1].name", reason: "That can't be an output's name." },
    ]);
  });

  it("with the day in their names match a batch that was accepted on an earlier day", async () => {
    const requestId = randomUUID();
    const given = sampleBatch({ naming: "{date}_{id}" });
    const accepted = { ...normalizeBatch(given), date: "2026-01-02" };
    const batchId = await acceptedBefore(accepted, requestId);
    expect((await client.submitBatch({ batch: given, requestId })).batch?.batchId).toBe(batchId);
    const stated = sampleBatch({ naming: "{date}_{id}", date: "2026-01-03" });
    expect((await refusal(client.submitBatch({ batch: stated, requestId }))).code).toBe(Code.AlreadyExists);
  });

  it("in the new spelling match a batch that an earlier release accepted in the former one", async () => {
    const requestId = randomUUID();
    const outputs = [{ container: 1, poster: { seconds: 1n } }];
    const given = sampleBatch({ outputs });
    const batchId = await acceptedBefore({ ...normalizeBatch(given), outputs: given.outputs }, requestId);
    expect((await client.submitBatch({ batch: given, requestId })).batch?.batchId).toBe(batchId);
    const other = sampleBatch({ outputs: [{ container: 1 }] });
    expect((await refusal(client.submitBatch({ batch: other, requestId }))).code).toBe(Code.AlreadyExists);
  });

  /** The id of a batch that was accepted in another form or on another day. */
  async function acceptedBefore(batch: Batch, requestId: string): Promise<string> {
    const bytes = toBinary(BatchSchema, batch);
    const specSha256 = createHash("sha256").update(bytes).digest("hex");
    const batchId = batchIdOf("default", requestId);
    const store = scopedStore(gateway.platform.store, "default");
    await store.put(planKey(batchId, specSha256), bytes);
    const fact = { batchId, tenant: "default", requestId, specSha256, time: timestampNow() };
    await gateway.platform.publisher.publish("batch.submitted", fact, { id: "0" });
    return batchId;
  }
});
