import { randomUUID } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { fromBinary } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Idempotency } from "@bufbuild/protobuf/wkt";
import { createClient, type Interceptor, type Transport } from "@connectrpc/connect";
import * as node from "@connectrpc/connect-node";
import * as web from "@connectrpc/connect-web";
import { AdminService, BatchService, ListBatchesResponseSchema, SourceService, VoiceService } from "@polyreel/contract";
import { CHROMIUM, inChromium } from "@polyreel/media/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type RunningGateway, runGateway } from "../testing/running-gateway.js";
import { sampleBatch } from "../testing/sample-batch.js";

const PAGE = "https://studio.example";

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await runGateway({ allowedOrigins: [PAGE] });
});
afterAll(() => gateway.close());

type Answer = { status: number; headers: http.IncomingHttpHeaders; body: Buffer };

async function get(path: string, headers: http.OutgoingHttpHeaders = {}, method = "GET"): Promise<Answer> {
  const call = http.request({ host: "127.0.0.1", port: gateway.port, path, method, headers, agent: false }).end();
  const [response] = (await once(call, "response")) as [http.IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
}

const path = (method: string, query: Record<string, string> = { encoding: "json", message: "{}" }): string =>
  `/polyreel.v1.BatchService/${method}?${new URLSearchParams({ connect: "v1", ...query })}`;

const LIST = path("ListBatches");

it("marks exactly the read-only methods", () => {
  const marked = [BatchService, SourceService, VoiceService, AdminService]
    .flatMap(({ methods }) => methods)
    .filter(({ idempotency }) => idempotency === Idempotency.NO_SIDE_EFFECTS)
    .map(({ name }) => name);
  expect(marked.sort()).toEqual([
    ...["GetBatch", "GetBatchSpecification", "GetChoiceCounts", "GetCombination", "GetSource", "GetStats"],
    ...[
      "ListBatches",
      "ListCombinations",
      "ListFailures",
      "ListMissingSources",
      "ListSources",
      "ListVoices",
      "ReadFacts",
      "ReadOutput",
      "WatchBatch",
      "WatchBatches",
    ],
  ]);
});

describe.each<[string, (interceptors: Interceptor[]) => Transport]>([
  [
    "Connect of Node.js",
    (interceptors) =>
      node.createConnectTransport({ baseUrl: gateway.url, httpVersion: "1.1", useHttpGet: true, interceptors }),
  ],
  [
    "Connect of browsers",
    (interceptors) => web.createConnectTransport({ baseUrl: gateway.url, useHttpGet: true, interceptors }),
  ],
])("%s", (_, createTransport) => {
  it("reads by GET, and submits by POST", async () => {
    // Only responses to GET have this header.
    const caching: string[] = [];
    const note: Interceptor = (next) => async (request) => {
      const response = await next(request);
      caching.push(`${request.method.name} ${response.header.get("cache-control")}`);
      return response;
    };
    const client = createClient(BatchService, createTransport([note]));
    const { batch } = await client.submitBatch({ batch: sampleBatch(), requestId: randomUUID() });
    const got = await client.getBatch({ batchId: batch?.batchId ?? "" });
    expect(got.batch?.combinations?.total).toBe(4n);
    expect(caching).toEqual(["SubmitBatch null", "GetBatch no-store"]);
  });
});

describe("a call by GET", () => {
  it("is answered in JSON and in binary, uncacheable", async () => {
    const json = await get(LIST);
    expect(json.status).toBe(200);
    expect(json.headers).toMatchObject({
      "content-type": "application/json",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
    const binary = await get(path("ListBatches", { encoding: "proto", base64: "1", message: "CAE" }));
    expect(fromBinary(ListBatchesResponseSchema, binary.body).batches.length).toBeLessThanOrEqual(1);
    const refused = await get(path("GetBatch"));
    expect([refused.status, refused.headers["cache-control"]]).toEqual([400, "no-store"]);
  });

  it.each([
    "SubmitBatch",
    "EstimateBatch",
    "CancelBatch",
    "RetryBatch",
    "ReplayBatch",
    "DeliverCombinations",
    "ApproveCombinations",
    "RejectCombinations",
    "DeleteBatch",
  ])("is impossible for %s", async (method) => {
    expect((await get(path(method))).status).toBe(405);
  });

  it.each([
    ["a HEAD request", LIST, 405, "HEAD"],
    ["a stream", path("WatchBatch"), 415, "GET"],
    ["a query without an encoding", path("ListBatches", {}), 415, "GET"],
    ["no base64", path("ListBatches", { encoding: "proto", base64: "1", message: "%%%" }), 400, "GET"],
    ["half a message", path("ListBatches", { encoding: "json", message: "{" }), 400, "GET"],
    [
      "an unknown compression",
      path("ListBatches", { encoding: "json", message: "{}", compression: "zip" }),
      501,
      "GET",
    ],
    ["a URL of more than 16 KiB", path("GetBatch", { encoding: "json", message: " ".repeat(17_000) }), 431, "GET"],
  ])("is refused: %s", async (_, url, status, method) => {
    expect((await get(url, {}, method)).status).toBe(status);
  });

  it("ends its connection over HTTP/2 with headers of more than 64 KiB", async () => {
    const ask = (length: number): Promise<unknown> =>
      new Promise((resolve) => {
        const message = " ".repeat(length);
        const session = http2.connect(gateway.url, { maxSendHeaderBlockLength: 1024 ** 2 });
        session.on("error", (error: NodeJS.ErrnoException) => resolve(error.code));
        const stream = session.request({ ":path": path("GetBatch", { encoding: "json", message }) });
        stream.on("error", () => {}); // The session's.
        stream.on("response", (headers) => resolve(headers[":status"]));
        stream.on("close", () => session.destroy());
        stream.resume().end();
      });
    expect(await ask(30_000)).toBe(400); // Read, and found to be truncated.
    expect(await ask(70_000)).toBe("ERR_HTTP2_SESSION_ERROR");
    expect(await ask(100)).toBe(400);
  });

  it("limits the decompressed size of its message", async () => {
    const large = gzipSync(Buffer.from(JSON.stringify({ batchId: "x".repeat(5 * 1024 ** 2) })));
    const query = { encoding: "json", base64: "1", compression: "gzip", message: large.toString("base64url") };
    const answer = await get(path("GetBatch", query));
    expect([answer.status, JSON.parse(answer.body.toString())]).toMatchObject([429, { code: "resource_exhausted" }]);
  });
});

describe("pages of foreign origins", () => {
  it.each([
    ["with scripts", { origin: "https://elsewhere.example" }],
    ["with scripts, of no origin", { origin: "null" }],
    ["with pictures and links", { "sec-fetch-site": "cross-site" }],
    ["on another port of the same host", { "sec-fetch-site": "same-site" }],
  ])("may not call by GET: %s", async (_, headers) => {
    const { status, body } = await get(LIST, headers);
    expect(status).toBe(403);
    expect(JSON.parse(body.toString())).toMatchObject({ code: "permission_denied" });
    expect(body.toString()).toContain("GATEWAY_ALLOWED_ORIGINS");
  });

  it("may not call by GET over HTTP/2 either", async () => {
    const session = http2.connect(gateway.url);
    try {
      const stream = session.request({ ":path": LIST, "sec-fetch-site": "cross-site" }).end();
      const [response] = (await once(stream, "response")) as [http2.IncomingHttpHeaders];
      expect(response[":status"]).toBe(403);
      stream.resume();
    } finally {
      session.destroy();
    }
  });

  it("may if allowed, if same-origin, or if a person opens the URL", async () => {
    const named = await get(LIST, { origin: PAGE, "sec-fetch-site": "cross-site" });
    expect([named.status, named.headers["access-control-allow-origin"]]).toEqual([200, PAGE]);
    for (const site of ["same-origin", "none"]) expect((await get(LIST, { "sec-fetch-site": site })).status).toBe(200);
  });

  it("may link to outputs", async () => {
    expect((await get("/outputs/b/c", { "sec-fetch-site": "cross-site" })).status).toBe(404);
  });
});

describe("a page of another port in Chromium", () => {
  beforeEach((context) => {
    if (!CHROMIUM) context.skip("Chromium is not installed");
  });
  // The browser hides the status of withheld responses: a proxy before the gateway records them.
  const statuses: (number | undefined)[] = [];
  const proxy = http.createServer(({ url, headers }, response) => {
    http.get({ host: "127.0.0.1", port: gateway.port, path: url, headers, agent: false }, (answer) => {
      statuses.push(answer.statusCode);
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
  });
  beforeAll(() => new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve)));
  afterAll(() => void proxy.close());

  it.each(["127.0.0.1", "localhost"])("gets no response of %s, whatever the request", async (name) => {
    statuses.length = 0;
    const target = new URL(`http://${name}:${(proxy.address() as AddressInfo).port}${LIST}`);
    await inChromium(target, (page, source) =>
      page.evaluate(`(async (source) => {
        const load = (tag) => new Promise((done) => {
          const element = document.createElement(tag);
          element.onload = element.onerror = done;
          element.referrerPolicy = "no-referrer";
          element.src = source + "&" + tag;
          document.body.append(element);
        });
        for (const tag of ["img", "script", "iframe"]) await load(tag);
        await fetch(source + "&opaque", { mode: "no-cors" }).catch(() => {});
        await fetch(source + "&cors").catch(() => {});
      })(${JSON.stringify(source)})`),
    );
    expect(statuses).toEqual([403, 403, 403, 403, 403]);
  });
});
