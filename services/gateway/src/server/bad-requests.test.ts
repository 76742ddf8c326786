import net from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { create, toBinary, toJson } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { BatchSchema, BatchService, BlockSchema, FailureSchema, SubmitBatchRequestSchema } from "@polyreel/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningGateway, runGateway } from "../testing/running-gateway.js";
import { sampleBatch, textBlock, videoBlock } from "../testing/sample-batch.js";

const PAGE = "https://studio.example";

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await runGateway({ allowedOrigins: [PAGE] });
});
afterAll(() => gateway.close());

const url = (method: string) => `${gateway.url}/polyreel.v1.BatchService/${method}`;
const post = (method: string, body: string, headers: Record<string, string> = {}) =>
  fetch(url(method), { method: "POST", body, headers: { "content-type": "application/json", ...headers } });

const refusalOf = (call: Promise<unknown>): Promise<ConnectError> =>
  call.then(
    () => expect.fail("the call was not refused"),
    (thrown: unknown) => ConnectError.from(thrown),
  );

describe.each<[string, (url: string) => Transport]>([
  ["gRPC", (baseUrl) => createGrpcTransport({ baseUrl })],
  ["Connect over HTTP/1.1", (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1" })],
])("%s", (_, createTransport) => {
  it("refuses messages that are too large", async () => {
    const blocks = [
      videoBlock("hook", ["a"]),
      ...Array.from({ length: 3 }, (_, i) =>
        textBlock(
          `t${i}`,
          [],
          Array.from({ length: 1000 }, (_, j) => String(j).padEnd(1900, "x")),
        ),
      ),
    ];
    const call = createClient(BatchService, createTransport(gateway.url)).submitBatch({ batch: { blocks } });
    expect(await refusalOf(call)).toMatchObject({
      code: Code.ResourceExhausted,
      rawMessage: expect.stringMatching(/more than 4,194,304 bytes\. .*GATEWAY_MAX_MESSAGE_BYTES/),
    });
    // The kept-alive connection can be used for the next call.
    expect(
      (await refusalOf(createClient(BatchService, createTransport(gateway.url)).getBatch({ batchId: "b" }))).code,
    ).toBe(Code.NotFound);
  });

  it("refuses __proto__ as a key of metadata, and does not drop it", async () => {
    const block = create(BlockSchema, videoBlock("hook", ["a"]));
    if (block.kind.case !== "video") expect.fail("no video block");
    for (const choice of block.kind.value.choices) choice.metadata = Object.fromEntries([["__proto__", "x"]]);
    const call = createClient(BatchService, createTransport(gateway.url)).submitBatch({ batch: { blocks: [block] } });
    const error = await refusalOf(call);
    expect(error.code).toBe(Code.InvalidArgument);
    expect(error.rawMessage).toContain("metadata");
  });

  it("refuses invalid times", async () => {
    const client = createClient(BatchService, createTransport(gateway.url));
    for (const since of [
      { seconds: 1n << 62n, nanos: 0 },
      { seconds: -(1n << 40n), nanos: 0 },
      { seconds: 0n, nanos: -1 },
    ]) {
      const error = await refusalOf(client.replayBatch({ batchId: "b", since }));
      expect(error.code).toBe(Code.InvalidArgument);
      expect(error.findDetails(FailureSchema)).toMatchObject([{ field: "since" }]);
    }
  });

  it("limits the details of many failures to what clients accept", async () => {
    const texts = Array.from({ length: 500 }, () => "the same text, again and again");
    const batch = { blocks: [videoBlock("hook", ["a"]), textBlock("headline", [], texts)] };
    const error = await refusalOf(createClient(BatchService, createTransport(gateway.url)).submitBatch({ batch }));
    expect(error.code).toBe(Code.InvalidArgument);
    expect(error.rawMessage).toContain("(And 498 more.)");
    const details = error.findDetails(FailureSchema);
    expect(details.length).toBeGreaterThan(3);
    expect(details.reduce((size, detail) => size + toBinary(FailureSchema, detail).length, 0)).toBeLessThan(5000);
  });

  it("distinguishes a deadline from other cancellations", async () => {
    const { batch } = await createClient(BatchService, createTransport(gateway.url)).submitBatch({
      batch: sampleBatch(),
    });
    const client = createClient(BatchService, createTransport(gateway.url));
    const watching = client.watchBatch({ batchId: batch?.batchId ?? "" }, { timeoutMs: 300 })[Symbol.asyncIterator]();
    await watching.next();
    expect((await refusalOf(watching.next())).code).toBe(Code.DeadlineExceeded);
  });
});

describe("JSON written by hand", () => {
  it.each<[string, string, RegExp]>([
    ["an unknown field", '{"batch":{"blocks":[{"name":"hook","vidio":{}}]}}', /vidio/],
    ["half a message", '{"batch":{', /JSON/],
    ["a wrong type", '{"batch":{"name":7}}', /name/],
    ["an unknown enum value", '{"batch":{"canvas":{"fit":"FIT_STRETCH"}}}', /FIT_STRETCH/],
  ])("is refused with %s", async (_, body, message) => {
    const response = await post("SubmitBatch", body);
    expect(response.status).toBe(400);
    const answer = (await response.json()) as { code: string; message: string };
    expect(answer.code).toBe("invalid_argument");
    expect(answer.message).toMatch(message);
  });

  it("is accepted if valid", async () => {
    const response = await post("SubmitBatch", JSON.stringify({ batch: toJson(BatchSchema, sampleBatch()) }));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ batch: { state: "BATCH_STATE_PLANNING" } });
  });
});

describe("requests that are no calls", () => {
  it.each<[string, string, number]>([
    ["an unknown path", "GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n", 404],
    ["no host", "POST /polyreel.v1.BatchService/GetBatch HTTP/1.0\r\n\r\n", 400],
    ["a host that is none", "POST /polyreel.v1.BatchService/GetBatch HTTP/1.1\r\nHost: a b\r\n\r\n", 400],
    ["another method", "PUT /polyreel.v1.BatchService/GetBatch HTTP/1.1\r\nHost: localhost\r\n\r\n", 405],
    [
      "another type",
      "POST /polyreel.v1.BatchService/GetBatch HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n\r\n",
      415,
    ],
    ["no HTTP", "hello\r\n\r\n", 400],
  ])("are answered: %s", async (_, request, status) => {
    const socket = net.connect(gateway.port, "127.0.0.1", () => socket.write(request));
    const [first] = await new Promise<[Buffer]>((resolve) => socket.once("data", (data) => resolve([data])));
    socket.destroy();
    expect(first.toString()).toMatch(new RegExp(`^HTTP/1\\.1 ${status}`));
  });
});

describe("pages of other origins", () => {
  const body = toBinary(SubmitBatchRequestSchema, create(SubmitBatchRequestSchema));
  it("may call if allowed", async () => {
    const preflight = await fetch(url("GetBatch"), {
      method: "OPTIONS",
      headers: { origin: PAGE, "access-control-request-method": "POST" },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-origin")).toBe(PAGE);
    expect(preflight.headers.get("access-control-allow-headers")?.toLowerCase()).toContain("x-grpc-web");
    const called = await fetch(url("GetBatch"), {
      method: "POST",
      body,
      headers: { origin: PAGE, "content-type": "application/grpc-web+proto" },
    });
    expect(called.headers.get("access-control-allow-origin")).toBe(PAGE);
    expect(called.headers.get("access-control-expose-headers")?.toLowerCase()).toContain("grpc-status");
  });

  it.each(["br", "gzip"])("treats a truncated compressed body as the caller's fault (%s)", async (encoding) => {
    const json = Buffer.from(JSON.stringify({ batchId: "b".repeat(100) }));
    const whole = encoding === "br" ? brotliCompressSync(json) : gzipSync(json);
    const body = whole.subarray(0, whole.length - 5);
    const headers = { "content-type": "application/json", "content-encoding": encoding };
    const response = await fetch(url("GetBatch"), { method: "POST", body, headers });
    expect([response.status, await response.json()]).toMatchObject([400, { code: "invalid_argument" }]);
  });

  it("may not call otherwise", async () => {
    const preflight = await fetch(url("GetBatch"), {
      method: "OPTIONS",
      headers: { origin: "https://elsewhere.example", "access-control-request-method": "POST" },
    });
    expect(preflight.headers.get("access-control-allow-origin")).toBeNull();
  });
});
