import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import https from "node:https";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { BatchService, LinkService, SourceService } from "@polyreel/contract";
import { Releasers } from "@polyreel/platform";
import { needs, TestAuthority, type TestCertificate } from "@polyreel/platform/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningGateway, runGateway } from "../testing/running-gateway.js";
import { sampleBatch } from "../testing/sample-batch.js";
import { addressOf } from "./client-address.js";
import { openPort } from "./one-port.js";
import { NGINX, type Nginx, startNginx } from "./testing/start-nginx.js";
import { withForwarded } from "./with-forwarded.js";

/** News that a buffer holds never arrive. */
const PATIENT = { timeout: 30_000 };

describe("a gateway behind nginx with deploy/nginx/polyreel.conf", needs(NGINX, "needs nginx"), () => {
  const releasers = new Releasers();
  let gateway: RunningGateway;
  let nginx: Nginx;
  let certificate: TestCertificate;
  let ca: Buffer;
  beforeAll(async () => {
    const authority = releasers.use(await TestAuthority.create());
    certificate = await authority.issue("nginx", "DNS:localhost");
    ca = await authority.pem();
    gateway = releasers.use(await runGateway({ trustedProxies: ["127.0.0.1"] }));
    nginx = releasers.use(await startNginx(NGINX ?? "", certificate, gateway.port));
  });
  afterAll(() => releasers.close());

  const transports: [string, (baseUrl: string) => Transport][] = [
    ["gRPC", (baseUrl) => createGrpcTransport({ baseUrl, nodeOptions: { ca } })],
    ["gRPC-Web", (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1", nodeOptions: { ca } })],
    [
      "Connect over HTTP/1.1",
      (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1", nodeOptions: { ca } }),
    ],
    ["Connect over HTTP/2", (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "2", nodeOptions: { ca } })],
  ];

  function request(path: string, options: https.RequestOptions = {}) {
    return https.request(nginx.url + path, { ca, agent: false, ...options });
  }
  async function send(path: string, options: https.RequestOptions = {}, body?: Uint8Array | string) {
    const call = request(path, options).end(body);
    const [response] = (await once(call, "response")) as [IncomingMessage];
    return { status: response.statusCode, headers: response.headers, body: await text(response) };
  }
  const submit = async () => {
    const { batch } = await createClient(BatchService, createGrpcTransport({ baseUrl: gateway.url })).submitBatch({
      batch: sampleBatch(),
    });
    return batch?.batchId ?? "";
  };

  it.each(transports)("passes %s on: refusals, and news of a watch as they happen", PATIENT, async (_, transport) => {
    const client = createClient(BatchService, transport(nginx.url));
    const refused = await client.getBatch({ batchId: "bnope" }).catch((error: unknown) => ConnectError.from(error));
    expect(refused).toMatchObject({ code: Code.NotFound });
    const batchId = await submit();
    const left = new AbortController();
    const { publisher } = gateway.platform;
    const seen: (string | undefined)[] = [];
    try {
      for await (const { update } of client.watchBatch({ batchId }, { signal: left.signal })) {
        seen.push(update.case);
        // Published only once the one before has arrived: a buffer would end this in a deadlock.
        if (seen.length === 1) await publisher.publish("batch.planned", { batchId, combinations: 1n }, { id: "plan" });
        if (seen.length === 2) left.abort();
      }
    } catch (error) {
      expect(left.signal.aborted, String(error)).toBe(true);
    }
    expect(seen).toEqual(["batchSubmitted", "batchPlanned"]);
  });

  it("passes server-sent events on as they happen", PATIENT, async () => {
    const batchId = await submit();
    const call = request(`/events/${batchId}`, { headers: { accept: "text/event-stream" } }).end();
    const [response] = (await once(call, "response")) as [IncomingMessage];
    let seen = "";
    response.on("data", (chunk: Buffer) => {
      seen += chunk;
    });
    await expect.poll(() => seen).toContain("batchSubmitted");
    const { publisher } = gateway.platform;
    await publisher.publish("batch.planned", { batchId, combinations: 1n }, { id: "plan" });
    await expect.poll(() => seen).toContain("batchPlanned");
    call.destroy();
  });

  const PIECE = randomBytes(4 << 20);
  const PIECES = 8;
  const SHA256 = Array.from({ length: PIECES })
    .reduce((hash: ReturnType<typeof createHash>) => hash.update(PIECE), createHash("sha256"))
    .digest("hex");

  /** Sends a body in pieces, with a pause in the middle in which nginx must hold nothing of it. */
  async function upload(path: string, options: https.RequestOptions, [before, after] = ["", ""]) {
    const call = request(path, options);
    const answered = once(call, "response") as Promise<[IncomingMessage]>;
    if (before) call.write(before);
    for (let i = 0; i < PIECES; i++) {
      if (!call.write(PIECE)) await once(call, "drain");
      if (i !== PIECES / 2) continue;
      await sleep(100);
      expect(await nginx.buffered()).toEqual([]);
    }
    call.end(after);
    const [response] = await answered;
    return { status: response.statusCode, headers: response.headers, body: await text(response) };
  }

  it("streams uploads by PUT, by form and resumable ones, and serves ranges of them", async () => {
    const put = await upload("/sources/a.bin", { method: "PUT" });
    expect([put.status, JSON.parse(put.body).sha256]).toEqual([201, SHA256]);
    const type = { "content-type": "multipart/form-data; boundary=b" };
    const form = await upload("/sources", { method: "POST", headers: type }, [
      '--b\r\nContent-Disposition: form-data; name="file"; filename="b.bin"\r\n\r\n',
      "\r\n--b--\r\n",
    ]);
    expect([form.status, form.body]).toEqual([200, expect.stringContaining(SHA256)]);
    const tus = { "tus-resumable": "1.0.0" };
    const length = String(PIECE.length * PIECES);
    const created = await send("/uploads", { method: "POST", headers: { ...tus, "upload-length": length } });
    const patch = { ...tus, "upload-offset": "0", "content-type": "application/offset+octet-stream" };
    const patched = await upload(created.headers.location ?? "", { method: "PATCH", headers: patch });
    expect([created.status, patched.status, patched.headers["upload-offset"]]).toEqual([201, 204, length]);
    const range = await send(`/sources/${SHA256}/content`, { headers: { range: "bytes=4194300-4194307" } });
    expect([range.status, range.headers["content-range"]]).toEqual([206, `bytes 4194300-4194307/${length}`]);
    const whole = request(`/sources/${SHA256}/content`).end();
    const [response] = (await once(whole, "response")) as [IncomingMessage];
    const hash = createHash("sha256");
    for await (const chunk of response) hash.update(chunk as Buffer);
    expect(hash.digest("hex")).toBe(SHA256);
    expect(await nginx.buffered()).toEqual([]);
  });

  it("uploads by gRPC", async () => {
    const sources = createClient(SourceService, createGrpcTransport({ baseUrl: nginx.url, nodeOptions: { ca } }));
    const chunk = new Uint8Array(PIECE.subarray(0, 1 << 20));
    const sha256 = createHash("sha256").update(chunk).update(chunk).digest("hex");
    const messages = async function* () {
      yield { part: { case: "description" as const, value: { sha256 } } };
      yield { part: { case: "chunk" as const, value: chunk } };
      yield { part: { case: "chunk" as const, value: chunk } };
    };
    expect(await sources.putSource(messages())).toMatchObject({ known: false });
  });

  it("knows its own pages and begins links as clients see it, and refuses pages of others", async () => {
    const links = createClient(LinkService, createGrpcTransport({ baseUrl: nginx.url, nodeOptions: { ca } }));
    const { url } = await links.createLink({ target: { case: "upload", value: {} } });
    expect(url.startsWith(`${nginx.url}/sources?`)).toBe(true);
    const statusFrom = async (origin: string) => (await send("/sources", { headers: { origin } })).status;
    expect(await statusFrom(nginx.url)).toBe(200);
    expect(await statusFrom(nginx.url.replace("https", "http"))).toBe(403);
    expect(await statusFrom("https://evil.example")).toBe(403);
  });

  it("knows its clients, whatever they state about themselves", async () => {
    await using stack = new Releasers();
    const limits = { maxConnections: 10, maxConnectionsPerAddress: 10, stallTimeoutMs: 10_000, graceMs: 100 };
    const times = { headersTimeoutMs: 10_000, firstCallTimeoutMs: 10_000, idleTimeoutMs: 10_000 };
    const echo = withForwarded((call, response) => void response.end(addressOf(call)), ["127.0.0.1"]);
    const port = stack.use(
      await openPort(echo, { host: "127.0.0.1", port: 0, maxConcurrentStreams: 10, ...limits, ...times }),
    );
    const other = stack.use(await startNginx(NGINX ?? "", certificate, port.port));
    const lies = { "x-forwarded-for": "192.0.2.1", forwarded: "for=192.0.2.2", "x-real-ip": "192.0.2.3" };
    for (const type of ["application/json", "application/grpc"]) {
      const headers = { ...lies, "content-type": type };
      // Another address of loopback, which is no trusted one.
      const call = https.request(other.url, { ca, agent: false, headers, localAddress: "127.0.0.9", family: 4 }).end();
      const [response] = (await once(call, "response")) as [IncomingMessage];
      expect([type, await text(response)]).toEqual([type, "127.0.0.9"]);
    }
  });
});
