import { createHash } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { BatchService, outputUrlPath, SubtitlesPlanSchema } from "@polyreel/contract";
import { layOutSubtitles } from "@polyreel/media/operations";
import { PartStore } from "@polyreel/parts";
import { scopedStore } from "@polyreel/platform/blobs";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { MemoryProjectionStore } from "../read-model/memory/memory-projection-store.js";
import { type RunningGateway, runGateway } from "../testing/running-gateway.js";
import { type ServedOutput, serveOutput } from "./testing/served-output.js";

let gateway: RunningGateway;
let output: ServedOutput;
let size: number;

beforeAll(async () => {
  gateway = await runGateway({ allowedOrigins: ["https://player.example"] });
  output = await serveOutput(gateway, "whole", { lengths: [9, 1, 20, 9] });
  size = output.file.length;
});
afterAll(() => gateway.close());
afterEach(() => vi.restoreAllMocks());

interface Answer {
  status: number;
  headers: Headers;
  body: Buffer;
}

async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  return { status: response.status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) };
}

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

describe("an output over HTTP", () => {
  it("has the written file's bytes, hash for hash, and correct headers", async () => {
    const { status, headers, body } = await ask(output.url);
    expect(status).toBe(200);
    expect(sha256(body)).toBe(sha256(output.file));
    expect(Object.fromEntries(headers)).toMatchObject({
      "content-type": "video/mp4",
      "content-length": String(size),
      "accept-ranges": "bytes",
      "cache-control": "no-cache",
      "x-content-type-options": "nosniff",
      etag: expect.stringMatching(/^"[\w-]{43}"$/),
      "content-disposition":
        "inline; filename=\"whole _ la carte _.mp4\"; filename*=UTF-8''whole%20%C3%A0%20la%20carte%20%F0%9F%91%8B.mp4",
    });
    const modified = Date.parse(headers.get("last-modified") ?? "");
    expect(Math.abs(Date.now() - modified)).toBeLessThan(120_000);
  });

  it("sends the same headers for HEAD, without reading anything", async () => {
    const get = await ask(output.url);
    const read = vi.spyOn(PartStore.prototype, "read");
    const head = await ask(output.url, { method: "HEAD", headers: { Range: "bytes=0-9" } });
    expect(head.status).toBe(200);
    expect(head.body).toHaveLength(0);
    const connection = { date: "", connection: "", "keep-alive": "" };
    const plain = (headers: Headers) => ({ ...Object.fromEntries(headers), ...connection });
    expect(plain(head.headers)).toEqual(plain(get.headers));
    expect(read).not.toHaveBeenCalled();
  });

  it.each<[string, () => [number, number]]>([
    ["bytes=0-0", () => [0, 1]],
    ["bytes=0-", () => [0, size]],
    ["bytes=1000-70000", () => [1000, 70_001]],
    ["bytes=-777", () => [size - 777, size]],
    ["bytes=-99999999", () => [0, size]],
    ["bytes=5-99999999", () => [5, size]],
  ])("sends %s", async (range, expected) => {
    const { status, headers, body } = await ask(output.url, { headers: { Range: range } });
    const [start, end] = expected();
    expect(status).toBe(206);
    expect(headers.get("content-range")).toBe(`bytes ${start}-${end - 1}/${size}`);
    expect(headers.get("content-length")).toBe(String(end - start));
    expect(body.equals(output.file.subarray(start, end))).toBe(true);
  });

  it.each<[string, string | undefined]>([
    ["bytes=0-1,5-6", undefined],
    ["lines=1-2", undefined],
    ["bytes=0-9", '"another"'],
    ["bytes=0-9", "Sun, 01 Mar 2026 12:00:00 GMT"],
  ])("sends all of it for Range: %s, If-Range: %s", async (range, ifRange) => {
    const headers = { Range: range, ...(ifRange && { "If-Range": ifRange }) };
    const { status, headers: received, body } = await ask(output.url, { headers });
    expect([status, received.get("content-range"), body.length]).toEqual([200, null, size]);
  });

  it("queries the read model once for a player's many ranges", async () => {
    const queries = vi.spyOn(MemoryProjectionStore.prototype, "combination");
    for (let start = 0; start < 5; start++) await ask(output.url, { headers: { Range: `bytes=${start}-` } });
    expect(queries.mock.calls.length).toBeLessThan(5);
  });

  it("is served as soon as it is rendered, even if others of its combination were requested just before", async () => {
    const { batchId, combinationId } = output;
    expect((await ask(output.url)).status).toBe(200); // Its outputs are cached for a while.
    const plan = create(SubtitlesPlanSchema, {
      cues: [{ startMilliseconds: 0, endMilliseconds: 900, lines: ["Now."] }],
    });
    const { certificate, layout } = layOutSubtitles(plan);
    const targets = [{ delivery: 1 }];
    const fileName = "whole.srt";
    const outputPlan = { number: 1, fileName, operation: { case: "subtitles" as const, value: plan }, targets };
    const combination = { id: combinationId };
    const about = { batchId, tenant: "acme", attempt: 1, output: 1, deliveryCount: 2 };
    await gateway.platform.publisher.publish(
      "combination.rendered",
      { ...about, combination, outputPlan, certificate },
      { id: `${combinationId}.1` },
    );
    const url = gateway.url + outputUrlPath(batchId, combinationId, fileName);
    const body = async () => (await ask(url)).body.toString();
    // The read model is a moment behind the stream, far less than outputs are cached for.
    await expect.poll(body, { timeout: 3_000, interval: 50 }).toBe(layout.header.toString());
  });

  it("refuses unsatisfiable ranges, with its size", async () => {
    const { status, headers, body } = await ask(output.url, { headers: { Range: `bytes=${size}-` } });
    expect([status, headers.get("content-range"), body.length]).toEqual([416, `bytes */${size}`, 0]);
  });

  it("evaluates conditions on its tag", async () => {
    const tag = (await ask(output.url, { method: "HEAD" })).headers.get("etag") ?? "";
    const status = async (headers: Record<string, string>) => {
      const answer = await ask(output.url, { headers });
      if (answer.status > 299) expect([answer.body.length, answer.headers.get("etag")]).toEqual([0, tag]);
      return answer.status;
    };
    // Must not be answered by this client's own cache.
    const cache = { "Cache-Control": "no-cache" };
    expect(await status({ "If-None-Match": tag, ...cache })).toBe(304);
    expect(await status({ "If-None-Match": '"another"', ...cache })).toBe(200);
    expect(await status({ "If-Match": tag })).toBe(200);
    expect(await status({ "If-Match": '"another"' })).toBe(412);
    expect(await status({ "If-Range": tag, Range: "bytes=0-9" })).toBe(206);
    expect(await status({ "If-None-Match": tag, Range: "bytes=0-9", ...cache })).toBe(304);
  });

  it("has another tag for another picture", async () => {
    const other = await serveOutput(gateway, "other", { lengths: [9, 1, 20, 9], source: "testsrc=s=180x320:r=30" });
    const tags = await Promise.all([output, other].map(async ({ url }) => (await ask(url)).headers.get("etag")));
    expect(tags[0]).not.toBe(tags[1]);
  });

  it("is found without its name, but not under another one", async () => {
    const at = (...path: Parameters<typeof outputUrlPath>) => ask(gateway.url + outputUrlPath(...path));
    const { batchId, combinationId } = output;
    const bare = `${gateway.url}/outputs/${batchId}/${combinationId}`;
    expect((await ask(`${bare}?t=3`)).status).toBe(200);
    expect((await at(batchId, combinationId, "other.mp4")).status).toBe(404);
    expect((await ask(`${bare}/a/b`)).status).toBe(404);
    expect((await ask(`${gateway.url}/outputs/`)).status).toBe(404);
    expect((await ask(`${gateway.url}/outputs/%ff/x`)).status).toBe(400);
    const unknown = await at(batchId, "nobody", "a.mp4");
    expect(unknown.status).toBe(404);
    expect(JSON.parse(unknown.body.toString())).toMatchObject({
      code: "not_found",
      message: expect.stringContaining('The batch has no combination "nobody".'),
    });
    expect((await at("bnone", combinationId, "a.mp4")).status).toBe(404);
  });

  it("refuses other methods", async () => {
    const { status, headers } = await ask(output.url, { method: "DELETE" });
    expect([status, headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });

  it("may be read by pages of allowed origins", async () => {
    const headers = { Origin: "https://player.example" };
    const preflight = await ask(output.url, { method: "OPTIONS", headers });
    expect(preflight.headers.get("access-control-allow-headers")).toContain("Range");
    const answer = await ask(output.url, { headers: { ...headers, Range: "bytes=0-9" } });
    expect(answer.headers.get("access-control-allow-origin")).toBe("https://player.example");
    expect(answer.headers.get("access-control-expose-headers")).toContain("Content-Range");
  });

  it("is the same over HTTP/2", async () => {
    const session = http2.connect(gateway.url);
    try {
      const stream = session.request({ ":path": new URL(output.url).pathname, range: "bytes=100-" });
      const [headers] = await once(stream, "response");
      expect(headers).toMatchObject({ ":status": 206, "content-range": `bytes 100-${size - 1}/${size}` });
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk);
      expect(Buffer.concat(chunks).equals(output.file.subarray(100))).toBe(true);
    } finally {
      session.close();
    }
  });

  it("matches ReadOutput", async () => {
    const client = createClient(BatchService, createGrpcTransport({ baseUrl: gateway.url }));
    const chunks: Uint8Array[] = [];
    for await (const { part } of client.readOutput(output)) if (part.case === "chunk") chunks.push(part.value);
    expect(sha256(Buffer.concat(chunks))).toBe(sha256(output.file));
  });
});

describe("a large output", () => {
  let large: ServedOutput;
  beforeAll(async () => {
    // Noise, so that it has many times the bytes that sockets buffer.
    const source = "testsrc2=s=180x320:r=30,noise=alls=100:allf=t";
    large = await serveOutput(gateway, "large", { lengths: Array<number>(60).fill(30), source });
    expect(large.file.length).toBeGreaterThan(30_000_000);
  });

  it.each(["HTTP/1.1", "HTTP/2"])(
    "is read no faster than by its client, and no further after it disconnects: %s",
    async (version) => {
      await fetch(large.url, { method: "HEAD" });
      const read = vi.spyOn(PartStore.prototype, "read");
      const leave = version === "HTTP/2" ? await openHttp2(large.url) : await openHttp1(large.url);
      await settled(read.mock.calls);
      const bytes = read.mock.calls.reduce((sum, [, , start, end]) => sum + end - start, 0);
      expect(bytes).toBeLessThan(large.file.length / 2);
      const calls = read.mock.calls.length;
      leave();
      await sleep(200);
      // Reads in progress at that time may still complete.
      expect(read.mock.calls.length).toBeLessThan(calls + 5);
    },
  );
});

/** Requests all of it and reads nothing; returns a function that disconnects. */
async function openHttp1(url: string): Promise<() => void> {
  const request = http.get(url, { agent: false });
  const [response] = (await once(request, "response")) as [http.IncomingMessage];
  response.pause();
  response.on("error", () => {});
  return () => request.destroy();
}

async function openHttp2(url: string): Promise<() => void> {
  const session = http2.connect(new URL(url).origin);
  const stream = session.request({ ":path": new URL(url).pathname });
  await once(stream, "response");
  stream.on("error", () => {});
  return () => session.destroy();
}

/** Waits until no more calls arrive. */
async function settled(calls: readonly unknown[]): Promise<void> {
  for (let before = -1; before !== calls.length; await sleep(300)) before = calls.length;
}

describe("an output with a missing part", () => {
  it.each([
    ["payload", ""],
    ["index", ".index"],
  ])("is refused before a byte of it is sent: its %s", async (_title, suffix) => {
    const lost = await serveOutput(gateway, `lost${suffix}`, { lengths: [3] });
    await scopedStore(gateway.platform.store, "acme").remove([`parts/clip/${lost.clipHash}${suffix}`]);
    const payload = lost.file.indexOf("mdat") + 4;
    const { status, body } = await ask(lost.url, { headers: { Range: `bytes=${payload}-` } });
    expect(status).toBe(503);
    expect(JSON.parse(body.toString())).toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/(missing from|no longer in) the store/),
    });
  });

  it("is cut off after half of it was sent, over HTTP/1.1 and HTTP/2", async () => {
    const half = await serveOutput(gateway, "half", { lengths: [4] });
    const read = vi.spyOn(PartStore.prototype, "read").mockRejectedValue(new Error("rotten"));
    await expect(ask(half.url)).rejects.toThrow();
    const session = http2.connect(gateway.url);
    const stream = session.request({ ":path": new URL(half.url).pathname });
    await expect(once(stream.resume(), "end")).rejects.toThrow("INTERNAL_ERROR");
    session.close();
    read.mockRestore();
    expect((await ask(half.url)).body.equals(half.file)).toBe(true);
  });
});
