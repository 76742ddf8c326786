import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import {
  compressionGzip,
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { BatchService, type BlockSchema, FailureSchema, SubmitBatchRequestSchema } from "@polyreel/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningGateway, runGateway } from "../../testing/running-gateway.js";

/** Allows for a busy machine; a request decoded on the main thread would block it for a second of CPU time. */
const MAX_LATENCY_MS = 3000;
/** Utilisation of the event loop while a request is decoded and checked. */
const MAX_UTILIZATION = 0.6;

const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const sha256 = "a".repeat(64);
type BlockInit = MessageInitShape<typeof BlockSchema>;
const source = { name: "a.mp4", location: { case: "sha256" as const, value: sha256 } };
const video: BlockInit = {
  name: "v",
  kind: { case: "video", value: { choices: [{ label: "a", media: { case: "source", value: source } }] } },
};
const texts = (name: string, choices: object[]): BlockInit => ({ name, kind: { case: "text", value: { choices } } });

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await runGateway();
});
afterAll(() => gateway?.close());

const post = (type: string, body: Buffer) =>
  fetch(`${gateway.url}/polyreel.v1.BatchService/SubmitBatch`, {
    ...{ method: "POST", headers: { "content-type": type }, body },
  });
const proto = (blocks: BlockInit[], where: string[] = []) =>
  Buffer.from(toBinary(SubmitBatchRequestSchema, create(SubmitBatchRequestSchema, { batch: { blocks, where } })));
const manyKeys = times(150_001, (i) => `"k${i}":"v"`).join(",");

const hostile: [string, string, Buffer, RegExp][] = [
  [
    "256,000 choices",
    "application/proto",
    proto(
      times(64, (k) =>
        texts(
          `t${k}`,
          times(4000, () => ({ text: "x" })),
        ),
      ),
    ),
    /more than 150,000/,
  ],
  [
    "labels that differ little",
    "application/proto",
    proto(
      [
        video,
        texts(
          "t",
          times(10_000, (i) => ({ label: "x".repeat(190) + i, text: "x" })),
        ),
      ],
      times(64, (i) => `t == '${"x".repeat(190)}y${i}'`),
    ),
    /a label that none has/,
  ],
  [
    "keys of metadata",
    "application/json",
    Buffer.from(
      `{"batch":{"blocks":[{"name":"v","video":{"choices":[{"label":"a","source":{"sha256":"${sha256}"},"metadata":{${manyKeys}}}]}}]}}`,
    ),
    /more than 150,000/,
  ],
];

describe("a large request", () => {
  it.each(hostile)("of %s is refused while others are served", async (_, type, body, reason) => {
    const harmless = createClient(BatchService, createGrpcTransport({ baseUrl: gateway.url }));
    await harmless.listBatches({});
    const before = performance.eventLoopUtilization();
    let isDone = false;
    const answer = post(type, body).finally(() => (isDone = true));
    let most = 0;
    while (!isDone) {
      const began = performance.now();
      await harmless.listBatches({});
      most = Math.max(most, performance.now() - began);
      await delay(50);
    }
    const { utilization } = performance.eventLoopUtilization(before);
    const response = await answer;
    expect(response.status).toBe(400);
    expect(await response.text()).toMatch(reason);
    expect(most).toBeLessThan(MAX_LATENCY_MS);
    expect(utilization).toBeLessThan(MAX_UTILIZATION);
  });

  const transports: [string, () => Transport][] = [
    ["gRPC", () => createGrpcTransport({ baseUrl: gateway.url })],
    ["gRPC with gzip", () => createGrpcTransport({ baseUrl: gateway.url, sendCompression: compressionGzip })],
    ["gRPC-Web", () => createGrpcWebTransport({ baseUrl: gateway.url, httpVersion: "1.1" })],
    ["Connect", () => createConnectTransport({ baseUrl: gateway.url, httpVersion: "1.1", useBinaryFormat: true })],
    [
      "Connect with JSON",
      () => createConnectTransport({ baseUrl: gateway.url, httpVersion: "2", useBinaryFormat: false }),
    ],
    [
      "Connect with gzip",
      () => createConnectTransport({ baseUrl: gateway.url, httpVersion: "1.1", sendCompression: compressionGzip }),
    ],
  ];

  it.each(transports)("is accepted by %s, and refused with its failures", async (name, transport) => {
    const client = createClient(BatchService, transport());
    const blocks = [
      video,
      texts(
        "t",
        times(5000, (i) => ({ label: `label number ${i}`, text: "x" })),
      ),
    ];
    const { batch } = await client.submitBatch({ batch: { name, blocks }, requestId: name.replaceAll(" ", "-") });
    expect(batch).toMatchObject({ name, combinations: { total: 5000n } });
    const error = await client
      .submitBatch({ batch: { blocks, where: ["t == 'b'"] } })
      .then(() => expect.fail("it was accepted"), ConnectError.from);
    expect(error).toMatchObject({ code: Code.InvalidArgument, rawMessage: expect.stringContaining("none has") });
    expect(error.findDetails(FailureSchema)).toMatchObject([{ field: "where[0]", block: "t" }]);
  });

  it("that is no JSON is refused", async () => {
    const response = await post("application/json", Buffer.from(`{"batch":${"[".repeat(100_000)}`));
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("JSON");
  });

  it("of several messages is refused", async () => {
    const envelope = Buffer.alloc(100_000);
    envelope.writeUInt32BE(99_000, 1);
    const response = await post("application/grpc-web+proto", envelope);
    expect(await response.text()).toContain("one%20whole%20message");
  });
});
