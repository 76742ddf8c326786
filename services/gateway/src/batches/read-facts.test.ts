import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { facts, type ReadFactsRequestSchema, type ReadFactsResponse, STREAM } from "@polyreel/contract";
import type { FactMessage } from "@polyreel/platform/stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BatchGateway, PATIENT, refusal, runBatchGateway } from "../testing/batch-gateway.js";
import { factFilter } from "./fact-filter.js";
import { responseOf } from "./read-facts.js";

let running: BatchGateway;
let client: BatchGateway["client"];
let batchId: string;
beforeAll(async () => {
  running = await runBatchGateway({ maxCombinations: 100 });
  ({ client } = running);
  batchId = await running.submit();
  await running.planned(batchId, 3);
  for (const ordinal of [0, 1, 2]) await running.deliver(batchId, ordinal);
});
afterAll(() => running.gateway.close());

async function read(request: MessageInitShape<typeof ReadFactsRequestSchema> = {}): Promise<ReadFactsResponse[]> {
  const all: ReadFactsResponse[] = [];
  for await (const one of client.readFacts({ batchId, ...request })) all.push(one);
  return all;
}
const types = (all: readonly ReadFactsResponse[]) => all.map(({ type }) => type);
const consumers = async () => {
  const { state } = await running.gateway.platform.stream.manager.streams.info(STREAM);
  return state.consumer_count;
};

const ALL = [
  "batch.submitted",
  "batch.planned",
  ...["combination.delivered", "combination.delivered", "combination.delivered"],
  "batch.finished",
];

describe("ReadFacts", () => {
  it("streams a batch's facts with their metadata, and ends", async () => {
    await expect.poll(async () => types(await read()), PATIENT).toEqual(ALL);
    const all = await read();
    expect(all[2]).toMatchObject({
      subject: `polyreel.combination.delivered.${batchId}`,
      messageId: expect.stringMatching(`^${batchId}\\.\\d+\\.1\\.combination\\.delivered\\.c0$`),
      fact: { case: "combinationDelivered", value: { combinationId: "c0", path: "0.mp4" } },
    });
    const [first] = all;
    expect(Math.abs(Date.now() - (first?.time ? timestampDate(first.time).getTime() : 0))).toBeLessThan(60_000);
    expect(all.every(({ sequence }, i) => i === 0 || sequence > (all[i - 1]?.sequence ?? 0n))).toBe(true);
  });

  it("selects by type, combination, position, time and number", async () => {
    expect(types(await read({ types: ["batch.*"] }))).toEqual(["batch.submitted", "batch.planned", "batch.finished"]);
    expect(types(await read({ types: ["*.failed", "batch.planned"] }))).toEqual(["batch.planned"]);
    expect(await read({ types: ["*.failed"] })).toEqual([]);
    expect(await read({ combinationId: "c1" })).toMatchObject([{ fact: { value: { ordinal: 1n } } }]);
    const all = await read();
    expect(await read({ afterSequence: all[3]?.sequence ?? 0n })).toEqual(all.slice(4));
    expect(await read({ afterSequence: all.at(-1)?.sequence ?? 0n })).toEqual([]);
    expect(await read({ limit: 2n })).toEqual(all.slice(0, 2));
    expect(await read({ since: all[0]?.time })).toEqual(all);
    expect(await read({ since: timestampFromDate(new Date(Date.now() + 3_600_000)) })).toEqual([]);
  });

  it("follows a batch to its end, which may be past", async () => {
    expect(types(await read({ follow: true }))).toEqual(ALL);
    const present = await read();
    expect(await read({ follow: true, afterSequence: present.at(-1)?.sequence ?? 0n })).toEqual([]);
    const live = await running.submit();
    const following = read({ batchId: live, follow: true, types: ["combination.*", "batch.finished"] });
    await running.planned(live, 1);
    await running.deliver(live, 0);
    expect(types(await following)).toEqual(["combination.delivered", "batch.finished"]);
  });

  it("refuses what cannot be read, with the remedy", async () => {
    const refused = (request: MessageInitShape<typeof ReadFactsRequestSchema>) => refusal(read(request));
    expect(await refused({ batchId: "unknown" })).toMatchObject({ code: Code.NotFound });
    expect(await refused({ afterSequence: 1_000_000n })).toMatchObject({ code: Code.OutOfRange });
    expect(await refused({ types: ["batch.*", "combination.deliverd"] })).toMatchObject({
      code: Code.InvalidArgument,
      failures: [{ field: "types[1]", remedy: expect.stringContaining("Did you mean combination.delivered?") }],
    });
    expect(await refused({ types: [">"] })).toMatchObject({ code: Code.InvalidArgument });
    expect(await refused({ since: { seconds: 2n ** 60n } })).toMatchObject({ code: Code.InvalidArgument });
  });

  it("leaves no reader behind when a client has enough, or is gone", async () => {
    await expect.poll(consumers, PATIENT).toBeGreaterThan(0);
    const before = await consumers();
    for await (const _ of client.readFacts({ batchId })) break;
    const live = await running.submit();
    const left = new AbortController();
    const following = client
      .readFacts({ batchId: live, follow: true }, { signal: left.signal })
      [Symbol.asyncIterator]();
    await following.next();
    left.abort();
    await expect(following.next()).rejects.toThrow();
    await expect.poll(consumers, PATIENT).toBe(before);
  });
});

it.each(Object.entries(facts))("has a field for %s", (name, { typeName }) => {
  const message = { name, batchId: "b", sequence: 1, time: new Date(0), messageId: "", fact: { $typeName: typeName } };
  const { type, fact } = responseOf(message as unknown as FactMessage);
  expect({ type, case: fact.case }).toEqual({ type: name, case: expect.any(String) });
});

it.each<[string[], string]>([
  [[], "*.*"],
  [["clip.ready"], "clip.ready"],
  [["*.failed"], "*.failed"],
  [["clip.ready", "clip.failed"], "*.*"],
])("reads facts of the types %j from %s", (types, tokens) => {
  const { noun, event } = factFilter({ types, combinationId: "" });
  expect(`${noun}.${event}`).toBe(tokens);
});
