import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningGateway, runGateway } from "../testing/running-gateway.js";

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await runGateway();
});
afterAll(() => gateway.close());

const call = (method: string, init: RequestInit) => fetch(`${gateway.url}/polyreel.v1.BatchService/${method}`, init);
const json = { "content-type": "application/json" };

describe("a request that is no call", () => {
  const form = "application/x-www-form-urlencoded";
  it.each<[string, string, RequestInit, number, RegExp]>([
    [
      "curl without a type",
      "ListBatches",
      { method: "POST", headers: { "content-type": form }, body: "{}" },
      415,
      /^The Content-Type is "application\/x-www-form-urlencoded"\. POST JSON with Content-Type: application\/json/,
    ],
    [
      "no type",
      "GetBatch",
      { method: "POST", body: new Uint8Array([123, 125]) },
      415,
      /^The request has no Content-Type\. POST JSON/,
    ],
    ["a browser on a call that only reads", "ListBatches", {}, 415, /^The query names no encoding\. .*\?encoding=json/],
    ["a browser on another call", "SubmitBatch", {}, 405, /^SubmitBatch is not called by GET\. POST JSON with [^?]*$/],
    [
      "JSON to a stream",
      "WatchBatch",
      { method: "POST", headers: json, body: "{}" },
      415,
      /^The Content-Type is .* a client of gRPC, gRPC-Web or Connect, or GET \/events\//,
    ],
    [
      "a stream's type to a call",
      "GetBatch",
      { method: "POST", headers: { "content-type": "application/connect+json" }, body: "{}" },
      415,
      /POST JSON/,
    ],
    [
      "an unknown call",
      "SubmitBatches",
      { method: "POST", headers: json, body: "{}" },
      404,
      /^There is no call .* Did you mean \/polyreel\.v1\.BatchService\/SubmitBatch\?$/,
    ],
  ])("is refused with the remedy: %s", async (_, method, init, status, message) => {
    const response = await call(method, init);
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.json()).toEqual({ code: expect.any(String), message: expect.stringMatching(message) });
  });

  it("names the methods of HTTP that a call has", async () => {
    expect((await call("SubmitBatch", { method: "PUT" })).headers.get("allow")).toBe("POST");
    expect((await call("ListBatches", { method: "PUT" })).headers.get("allow")).toBe("POST, GET");
  });
});

describe("a message over the limit", () => {
  const large = Buffer.from(JSON.stringify({ batch: { name: "x".repeat(4_200_000) } }));
  const chunked = new ReadableStream({
    start(controller) {
      controller.enqueue(large);
      controller.close();
    },
  });
  it.each<[string, RequestInit, string?]>([
    ["announced for another call", { headers: json, body: large }, "GetBatch"],
    ["announced", { headers: json, body: large }],
    ["in chunks", { headers: json, body: chunked, duplex: "half" }],
    ["compressed", { headers: { ...json, "content-encoding": "gzip" }, body: gzipSync(large) }],
  ])("is refused with the limit and its variable: %s", async (_, init, method = "SubmitBatch") => {
    const response = await call(method, { method: "POST", ...init });
    expect([response.status, await response.json()]).toEqual([
      429,
      {
        code: "resource_exhausted",
        message:
          "The request has more than 4,194,304 bytes. Split it, or raise GATEWAY_MAX_MESSAGE_BYTES on the server.",
      },
    ]);
  });
});
