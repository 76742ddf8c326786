import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient, createRouterTransport } from "@connectrpc/connect";
import { BatchService } from "@polyreel/contract";
import { RetryInfoSchema } from "@polyreel/contract/google/rpc/error_details_pb.js";
import { expect, it } from "vitest";
import { awaitRate } from "./await-rate.js";

function refusal(ms?: number): ConnectError {
  const value = create(RetryInfoSchema, ms === undefined ? {} : { retryDelay: durationFromMs(ms) });
  const error = new ConnectError("too fast", Code.ResourceExhausted);
  error.details.push({ desc: RetryInfoSchema, value });
  return error;
}

/** A client of a server that refuses its first calls so. */
function clientOf(refusals: unknown[]) {
  const notes: string[] = [];
  let calls = 0;
  const refuse = () => {
    calls++;
    const error = refusals.shift();
    if (error) throw error;
  };
  const transport = createRouterTransport(
    ({ service }) =>
      service(BatchService, {
        getBatch: ({ batchId }) => {
          refuse();
          return { batch: { batchId } };
        },
        async *watchBatch({ batchId }) {
          refuse();
          yield { sequence: BigInt(batchId.length) };
        },
      }),
    { transport: { interceptors: [awaitRate((text) => notes.push(text))] } },
  );
  return { client: createClient(BatchService, transport), notes, calls: () => calls };
}

it("waits as long as the server says, and repeats the call", async () => {
  const { client, notes, calls } = clientOf([refusal(50), refusal(20)]);
  const began = Date.now();
  expect((await client.getBatch({ batchId: "b1" })).batch?.batchId).toBe("b1");
  expect([calls(), notes]).toEqual([3, []]);
  expect(Date.now() - began).toBeGreaterThanOrEqual(65);
});

it.each([
  ["a wait until tomorrow", refusal(40_000_000)],
  ["no time", refusal()],
  ["another refusal", new ConnectError("no", Code.FailedPrecondition)],
])("leaves %s to the user", async (_, error) => {
  const { client, calls } = clientOf([error]);
  await expect(client.getBatch({ batchId: "b1" })).rejects.toThrow(error.rawMessage);
  expect(calls()).toBe(1);
});
