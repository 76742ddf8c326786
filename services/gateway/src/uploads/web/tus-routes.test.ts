import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdir, utimes } from "node:fs/promises";
import http from "node:http";
import net from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { AdminService } from "@polyreel/contract";
import { readBytes, scopedStore, sourceKey, uploadInfoKey, uploadPieceKey } from "@polyreel/platform/blobs";
import { Upload } from "tus-js-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startGateway } from "../../service.js";
import { type RunningGateway, runGateway } from "../../testing/running-gateway.js";

const MAX_BYTES = 200_000_000;
let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await runGateway({
    ...{ maxSourceBytes: MAX_BYTES, maxUploads: 5, stallSeconds: 1 },
    allowedOrigins: ["https://studio.example"],
  });
});
afterAll(() => gateway.close());

const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const store = (tenant = "default") => scopedStore(gateway.platform.store, tenant);
const TUS = { "tus-resumable": "1.0.0" };
const BYTES = { ...TUS, "content-type": "application/offset+octet-stream" };
const base64 = (text: string) => Buffer.from(text).toString("base64");

async function send(method: string, path: string, headers: Record<string, string> = TUS, body?: Uint8Array | string) {
  const response = await fetch(gateway.url + path, {
    method,
    headers,
    ...(body !== undefined && { body }),
  } as RequestInit);
  const text = await response.text();
  const { status } = response;
  return { status, headers: Object.fromEntries(response.headers), body: text === "" ? undefined : JSON.parse(text) };
}

/** Names of the files below a folder of the store. */
async function filesIn(folder: string, tenant = "default"): Promise<string[]> {
  const path = join(gateway.config.store.address, "tenants", tenant, folder);
  return readdir(path).catch(() => []);
}

async function begun(sizeBytes: number, headers: Record<string, string> = {}): Promise<string> {
  const answer = await send("POST", "/uploads/", { ...TUS, "upload-length": String(sizeBytes), ...headers });
  expect(answer).toMatchObject({ status: 201 });
  return answer.headers.location ?? "";
}

const patch = (path: string, offset: number, body: Uint8Array | string) =>
  send("PATCH", path, { ...BYTES, "upload-offset": String(offset) }, body);

/** Forwards connections, and cuts each after some bytes, as many times as given. */
async function breakingLine(cuts: readonly number[]) {
  const left = [...cuts];
  const server = net.createServer((client) => {
    const onward = net.connect(gateway.port, "127.0.0.1");
    for (const socket of [client, onward]) socket.on("error", () => {});
    let bytes = 0;
    client.on("data", (chunk) => {
      onward.write(chunk);
      bytes += chunk.length;
      if (left[0] !== undefined && bytes > left[0]) {
        left.shift();
        client.resetAndDestroy();
        onward.destroy();
      }
    });
    onward.pipe(client);
    client.on("close", () => onward.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`, left, close: () => server.close() };
}

it("resumes an upload of tus-js-client over a line that breaks ten times", async () => {
  const bytes = randomBytes(40_000_000);
  const line = await breakingLine(Array.from({ length: 10 }, (_, i) => 1_000_000 + i * 300_000));
  const metadata = { filename: "talk.mp4", title: "A talk", labels: "ads, 2026" };
  const retried: number[] = [];
  await new Promise<void>((resolve, reject) => {
    const upload = new Upload(bytes as unknown as Blob, {
      endpoint: `${line.url}/uploads/`,
      metadata,
      retryDelays: Array(20).fill(0),
      onShouldRetry: (_error, attempt) => retried.push(attempt) > 0,
      onError: reject,
      onSuccess: ({ lastResponse }) => {
        expect(lastResponse.getHeader("polyreel-source")).toBe(hashOf(bytes));
        resolve();
      },
    });
    upload.start();
  });
  line.close();
  expect(line.left).toEqual([]);
  expect(retried.length).toBeGreaterThanOrEqual(10);
  expect((await readBytes(store(), sourceKey(hashOf(bytes)))).equals(bytes)).toBe(true);
  expect(await send("GET", `/sources/${hashOf(bytes)}?probe=false`, {})).toMatchObject({
    body: { fileName: "talk.mp4", title: "A talk", labels: ["ads", "2026"], origin: "resumable" },
  });
  expect([await filesIn("uploads"), await filesIn("upload-pieces")]).toEqual([[], []]);
});

it("answers where an upload is, also when it is finished, and says whether the bytes were known", async () => {
  const metadata = `filename ${base64("clip.mp4")},empty`;
  const path = await begun(11, { "upload-metadata": metadata });
  expect(path).toMatch(/^\/uploads\/default\/[0-9a-f]{32}$/);
  expect(await patch(path, 0, "hello ")).toMatchObject({ status: 204, headers: { "upload-offset": "6" } });
  const head = await send("HEAD", path);
  expect(head).toMatchObject({
    status: 200,
    headers: {
      ...{ "upload-offset": "6", "upload-length": "11", "upload-metadata": metadata },
      ...{ "cache-control": "no-store", "tus-resumable": "1.0.0" },
    },
  });
  const expires = Date.parse(head.headers["upload-expires"] ?? "") - Date.now();
  expect(expires).toBeGreaterThan(23 * 3600_000);
  expect(await send("GET", path, {})).toMatchObject({ body: { offset: 6, sizeBytes: 11, finished: false } });
  const sha256 = hashOf(Buffer.from("hello world"));
  expect(await patch(path, 6, "world")).toMatchObject({ status: 204, headers: { "polyreel-source": sha256 } });
  expect(await send("HEAD", path)).toMatchObject({ headers: { "upload-offset": "11", "polyreel-source": sha256 } });
  expect(await send("GET", path, {})).toMatchObject({ body: { finished: true, known: false, source: { sha256 } } });

  // In one request, by a client that sends the bytes with the creation.
  const creation = await send("POST", "/uploads", { ...BYTES, "upload-length": "11" }, "hello world");
  expect(creation).toMatchObject({ status: 201, headers: { "upload-offset": "11" } });
  const again = creation.headers.location ?? "";
  expect(await send("GET", again, {})).toMatchObject({ body: { finished: true, known: true } });
  expect(await send("DELETE", again)).toMatchObject({ status: 204 });
  expect(await send("HEAD", again)).toMatchObject({ status: 404 });
  expect(await store().head(sourceKey(sha256))).toBeDefined();
});

it("keeps what came before a connection broke or stalled, and no byte twice", async () => {
  const path = await begun(1_000_000);
  const half = (stalls: boolean, offset: number) => {
    const headers = { ...BYTES, "upload-offset": String(offset), "content-length": 1_000_000 - offset };
    const request = http.request(gateway.url + path, { method: "PATCH", headers });
    request.on("error", () => {});
    request.write(Buffer.alloc(300_000, offset === 0 ? "a" : "b"));
    return stalls ? once(request, "response") : delay(300).then(() => request.destroy());
  };
  const offset = async () => Number((await send("HEAD", path)).headers["upload-offset"]);
  await half(false, 0);
  await expect.poll(offset, { timeout: 10_000 }).toBe(300_000);
  const [late] = (await half(true, 300_000)) as [http.IncomingMessage];
  expect(late.statusCode).toBe(408);
  expect(await offset()).toBe(600_000);
  expect(await patch(path, 300_000, "x")).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining("600,000") },
  });
  expect(await patch(path, 600_000, Buffer.alloc(400_000, "c"))).toMatchObject({ status: 204 });
  const whole = Buffer.concat([Buffer.alloc(300_000, "a"), Buffer.alloc(300_000, "b"), Buffer.alloc(400_000, "c")]);
  expect((await readBytes(store(), sourceKey(hashOf(whole)))).equals(whole)).toBe(true);
});

it("lets one of two gateways win that append to one upload, and both finish it", async () => {
  const other = await startGateway({ ...gateway.config, port: 0 });
  try {
    const path = await begun(8);
    const urls = [gateway.url, `http://127.0.0.1:${other.port}`];
    const at = (offset: number, body: string) =>
      Promise.all(
        urls.map(async (url) => {
          const headers = { ...BYTES, "upload-offset": String(offset) };
          return (await fetch(url + path, { method: "PATCH", headers, body })).status;
        }),
      );
    expect((await at(0, "once")).sort()).toEqual([204, 409]);
    expect(Number((await send("HEAD", path)).headers["upload-offset"])).toBe(4);
    expect((await at(4, "more")).sort()).toEqual([204, 409]);
    for (const url of urls) {
      const response = await fetch(url + path, { method: "HEAD", headers: TUS });
      expect(response.headers.get("polyreel-source")).toBe(hashOf(Buffer.from("oncemore")));
    }
  } finally {
    await other.close();
  }
});

it("finishes an upload whose gateway was killed after its last byte, by the next request or the clean-up", async () => {
  const tenant = "killed";
  const own = store(tenant);
  const complete = async (id: string, text: string) => {
    const info = { sizeBytes: text.length, metadata: "", fileName: "k.mp4", title: "", description: "", labels: [] };
    await own.put(uploadInfoKey(id), Buffer.from(JSON.stringify(info)));
    await own.put(uploadPieceKey(id, 0), Buffer.from(text.slice(0, 3)));
    await own.put(uploadPieceKey(id, 3), Buffer.from(text.slice(3)));
    return hashOf(Buffer.from(text));
  };
  const [byRequest, byCleanUp] = ["1".repeat(32), "2".repeat(32)];
  const first = await complete(byRequest, "killed once");
  expect(await send("HEAD", `/uploads/${tenant}/${byRequest}`)).toMatchObject({
    headers: { "polyreel-source": first },
  });
  const second = await complete(byCleanUp, "killed twice");
  const backdate = async (folder: string, hours: number) => {
    const path = join(gateway.config.store.address, "tenants", tenant, folder);
    const at = new Date(Date.now() - hours * 3600_000);
    for (const name of await readdir(path)) await utimes(join(path, name), at, at);
  };
  for (const folder of ["uploads", "upload-pieces"]) await backdate(folder, 1);
  const admin = createClient(AdminService, createGrpcTransport({ baseUrl: gateway.url }));
  const cleanUp = (dryRun = false) => admin.cleanUp({ dryRun, whose: { case: "allTenants", value: true } });
  expect(await cleanUp()).toMatchObject({ uploads: { count: 0n } });
  expect(await own.head(sourceKey(second))).toBeDefined();
  expect(await filesIn("upload-pieces", tenant)).toEqual([]);

  const path = await begun(100, { "polyreel-tenant": tenant });
  await patch(path, 0, "never finished");
  await own.put(uploadPieceKey("3".repeat(32), 0), Buffer.from("written late"));
  for (const folder of ["uploads", "upload-pieces", "finished-uploads"]) await backdate(folder, 25);
  expect(await cleanUp(true)).toMatchObject({ uploads: { count: 1n, bytes: 14n } });
  expect(await cleanUp()).toMatchObject({ uploads: { count: 1n, bytes: 14n } });
  expect(await send("HEAD", path)).toMatchObject({ status: 404 });
  for (const folder of ["uploads", "upload-pieces", "finished-uploads"])
    expect(await filesIn(folder, tenant)).toEqual([]);
});

it("describes itself, and lets pages of allowed origins upload", async () => {
  expect(await send("OPTIONS", "/uploads/", {})).toMatchObject({
    status: 204,
    headers: {
      "tus-version": "1.0.0",
      "tus-extension": "creation,creation-with-upload,termination,expiration",
      "tus-max-size": String(MAX_BYTES),
    },
  });
  const origin = "https://studio.example";
  const preflight = { origin, "access-control-request-method": "PATCH" };
  expect((await send("OPTIONS", "/uploads/default/x", preflight)).headers).toMatchObject({
    "access-control-allow-methods": expect.stringMatching(/PATCH/),
    "access-control-allow-headers": expect.stringMatching(/Upload-Offset/),
  });
  const { headers } = await send("HEAD", `/uploads/default/${"0".repeat(32)}`, { ...TUS, origin });
  expect(headers["access-control-expose-headers"]).toMatch(/Upload-Offset/);
});

it.each<[string, string, string, Record<string, string>, number, RegExp]>([
  ["another version", "POST", "/uploads/", { "upload-length": "1" }, 412, /Tus-Resumable: 1.0.0/],
  ["no length", "POST", "/uploads/", TUS, 400, /Upload-Length is missing/],
  ["a length that is none", "POST", "/uploads/", { ...TUS, "upload-length": "-1" }, 400, /whole number/],
  ["an unknown length", "POST", "/uploads/", { ...TUS, "upload-defer-length": "1" }, 400, /unknown size/],
  ["an empty file", "POST", "/uploads/", { ...TUS, "upload-length": "0" }, 400, /empty/],
  ["too large a file", "POST", "/uploads/", { ...TUS, "upload-length": "200000001" }, 413, /limit is 200,000,000/],
  ["bad metadata", "POST", "/uploads/", { ...TUS, "upload-length": "1", "upload-metadata": "a b c" }, 400, /base64/],
  [
    "a long title",
    "POST",
    "/uploads/",
    { ...TUS, "upload-length": "1", "upload-metadata": `title ${base64("x".repeat(201))}` },
    400,
    /title/,
  ],
  [
    "a hash that is none",
    "POST",
    "/uploads/",
    { ...TUS, "upload-length": "1", "upload-metadata": `sha256 ${base64("abc")}` },
    400,
    /is not a SHA-256/,
  ],
  [
    "an unknown upload",
    "PATCH",
    `/uploads/default/${"0".repeat(32)}`,
    { ...BYTES, "upload-offset": "0" },
    404,
    /no such/,
  ],
  ["an id that is none", "PATCH", "/uploads/default/x..y", { ...BYTES, "upload-offset": "0" }, 404, /no such/],
  [
    "a tenant that is none",
    "PATCH",
    `/uploads/..%2f/${"0".repeat(32)}`,
    { ...BYTES, "upload-offset": "0" },
    400,
    /tenant/,
  ],
  [
    "another type",
    "PATCH",
    `/uploads/default/${"0".repeat(32)}`,
    { ...TUS, "upload-offset": "0" },
    415,
    /offset\+octet/,
  ],
  ["no offset", "PATCH", `/uploads/default/${"0".repeat(32)}`, BYTES, 400, /Upload-Offset is missing/],
  ["no override", "POST", `/uploads/default/${"0".repeat(32)}`, TUS, 400, /PATCH or DELETE/],
  [
    "a foreign page",
    "POST",
    "/uploads/",
    { ...TUS, "upload-length": "1", origin: "https://evil.example" },
    403,
    /Pages of/,
  ],
])("refuses %s", async (_what, method, path, headers, status, detail) => {
  const refused = await send(method, path, headers, method === "PATCH" ? "x" : undefined);
  expect(refused).toMatchObject({ status, body: { status, detail: expect.stringMatching(detail) } });
  expect(refused.headers["content-type"]).toContain("application/problem+json");
});

it("refuses more bytes than announced, other bytes than hashed, other tenants, and too many uploads", async () => {
  const path = await begun(3);
  expect(await patch(path, 0, "four")).toMatchObject({
    status: 400,
    body: { detail: expect.stringContaining("More bytes") },
  });
  expect(await send("HEAD", path)).toMatchObject({ headers: { "upload-offset": "0" } });
  expect(await send("HEAD", path, { ...TUS, "polyreel-tenant": "other" })).toMatchObject({ status: 404 });
  expect(await send("DELETE", path, { ...TUS, "polyreel-tenant": "other" })).toMatchObject({ status: 404 });
  const hashed = await begun(3, { "upload-metadata": `sha256 ${base64("a".repeat(64))}` });
  expect(await patch(hashed, 0, "xyz")).toMatchObject({
    status: 400,
    body: { detail: expect.stringContaining("SHA-256") },
  });
  expect(await send("HEAD", hashed)).toMatchObject({ status: 404 });
  for (let i = 0; i < 4; i++) await begun(3);
  const sixth = await send("POST", "/uploads/", { ...TUS, "upload-length": "3" });
  expect(sixth).toMatchObject({ status: 429, body: { detail: expect.stringContaining("GATEWAY_MAX_UPLOADS") } });
  expect(await begun(3, { "polyreel-tenant": "other" })).toContain("/uploads/other/");
  const overridden = { ...TUS, "x-http-method-override": "DELETE" };
  expect(await send("POST", path, overridden)).toMatchObject({ status: 204 });
});

it("names other ways where clients cannot send to the store themselves", async () => {
  const answer = await send("POST", "/uploads/presigned", {}, JSON.stringify({ fileName: "a.mp4", sizeBytes: 5 }));
  expect(answer).toMatchObject({
    status: 409,
    body: { failure: { remedy: expect.stringMatching(/\/sources\/.*tus/) } },
  });
});
