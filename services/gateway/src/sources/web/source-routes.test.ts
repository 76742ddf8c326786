import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import http from "node:http";
import http2 from "node:http2";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { probeRequest, SourceProbeSchema } from "@polyreel/contract";
import { answerRequests } from "@polyreel/platform/stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningGateway, runGateway } from "../../testing/running-gateway.js";

const MAX_BYTES = 3_000_000;
let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await runGateway({
    maxSourceBytes: MAX_BYTES,
    stallSeconds: 1,
    allowedOrigins: ["https://studio.example"],
    logLevel: "error",
  });
});
afterAll(() => gateway.close());

const hashOf = (bytes: string | Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const digestOf = (bytes: string) => `sha-256=:${createHash("sha256").update(bytes).digest("base64")}:`;

async function send(method: string, path: string, body?: RequestInit["body"], headers: Record<string, string> = {}) {
  const init = { method, headers, ...(body !== undefined && { body, duplex: "half" }) };
  const response = await fetch(gateway.url + path, init as RequestInit);
  const text = await response.text();
  const type = response.headers.get("content-type") ?? "";
  return { status: response.status, type, body: text === "" ? undefined : JSON.parse(text) };
}

/** Files in the store, temporary ones included; without the audit log, which has an entry for each refusal. */
async function stored(): Promise<string[]> {
  const entries = await readdir(gateway.config.store.address, { recursive: true, withFileTypes: true });
  const files = entries.filter((one) => one.isFile());
  const keys = files.map((one) => join(one.parentPath, one.name).split("/store/")[1] ?? "");
  return keys.filter((key) => !key.startsWith("audit-log/"));
}

/** The same once entries of the audit log are written, which refusals by the guard do not wait for. */
async function settled(): Promise<string[]> {
  await expect.poll(async () => (await stored()).filter((key) => key.startsWith("tmp/"))).toEqual([]);
  return stored();
}

it("stores a body under its hash, and says when the bytes are known", async () => {
  const sha256 = hashOf("footage");
  const path = "/sources/My%20clip.mp4?title=Spring&label=ads&label=2026";
  const put = { sha256, sizeBytes: 7, fileName: "My clip.mp4", source: { sha256, name: "My clip.mp4" } };
  expect(await send("PUT", path, "footage")).toMatchObject({ status: 201, body: { ...put, known: false } });
  expect(await send("PUT", path, "footage")).toMatchObject({ status: 200, body: { ...put, known: true } });
  expect((await stored()).filter((key) => key.includes(sha256)).map((key) => key.split(".")[1] ?? "")).toEqual(
    expect.arrayContaining(["", "record", "used", "verified"]),
  );
  expect(await send("GET", `/sources/${sha256}?probe=false`)).toMatchObject({
    status: 200,
    body: {
      ...{ sha256, tenant: "default", sizeBytes: 7, fileName: "My clip.mp4", title: "Spring" },
      ...{ labels: ["ads", "2026"], origin: "put", usedBy: [] },
    },
  });
  expect(await send("HEAD", `/sources/${sha256}`)).toMatchObject({ status: 200 });
  expect(await send("DELETE", `/sources/${sha256}`)).toMatchObject({ status: 204 });
  expect(await send("DELETE", `/sources/${sha256}`)).toMatchObject({ status: 404 });
  expect((await stored()).filter((key) => key.includes(sha256))).toEqual([]);
});

it("compares the bytes with a digest, or with the hash in the path", async () => {
  const ofOther = { "repr-digest": digestOf("other") };
  expect(await send("PUT", "/sources/a.mp4", "digested", ofOther)).toMatchObject({
    status: 400,
    type: expect.stringContaining("application/problem+json"),
    body: { failure: { reason: expect.stringContaining("SHA-256") } },
  });
  expect(await send("PUT", `/sources/${hashOf("other")}`, "digested")).toMatchObject({ status: 400 });
  expect((await stored()).filter((key) => /sources.*[0-9a-f]{64}/.test(key))).toEqual([]);
  const right = { "content-digest": `md5=:AAAA:, ${digestOf("digested")}` };
  expect(await send("PUT", "/sources/a.mp4", "digested", right)).toMatchObject({ status: 201 });
  // Known bytes are compared, too.
  expect(await send("PUT", `/sources/${hashOf("digested")}`, "others", {})).toMatchObject({ status: 400 });
  expect(await send("PUT", `/sources/${hashOf("digested")}`, "digested", right)).toMatchObject({
    status: 200,
    body: { known: true },
  });
});

it("takes several files in a form, and its fields wherever they are", async () => {
  const form = new FormData();
  form.append("file", new Blob(["one"]), "one.mp4");
  form.append("title", "Two clips");
  form.append("label", "form");
  form.append("file", new Blob(["two".repeat(100_000)]), "two.mp4");
  const { status, body } = await send("POST", "/sources", form);
  expect({ status, body }).toMatchObject({
    status: 201,
    body: { sources: [{ sha256: hashOf("one"), known: false, fileName: "one.mp4" }, { sizeBytes: 300_000 }] },
  });
  const listed = await send("GET", "/sources?label=form&orderBy=size_bytes");
  expect(listed.body.sources).toMatchObject([
    { fileName: "one.mp4", title: "Two clips", origin: "form" },
    { fileName: "two.mp4", title: "Two clips", labels: ["form"] },
  ]);
});

it("answers with a probe of a planner, or why there is none", async () => {
  const { body } = await send("PUT", "/sources/probed.mp4", "probed");
  const path = `/sources/${body.sha256}`;
  expect((await send("GET", path)).body).toMatchObject({ probeFailure: { code: "unavailable" } });
  const planner = answerRequests(probeRequest, gateway.platform, { atOnce: 1 }, async ({ sha256 }) =>
    create(SourceProbeSchema, {
      container: sha256.slice(0, 4),
      duration: { seconds: 2n },
      streams: [{ codec: "h264", kind: { case: "picture", value: { width: 9, height: 16, frameRate: 25 } } }],
    }),
  );
  try {
    expect((await send("GET", path)).body.probe).toEqual({
      container: body.sha256.slice(0, 4),
      durationSeconds: 2,
      streams: [
        { kind: "picture", codec: "h264", durationSeconds: 0, width: 9, height: 16, frameRate: 25, still: false },
      ],
    });
  } finally {
    await planner.close();
  }
});

const type = expect.stringContaining("application/problem+json");
const boundary = { "content-type": "multipart/form-data; boundary=x" };
const part = (name: string, text: string) => `--x\r\nContent-Disposition: form-data; ${name}\r\n\r\n${text}\r\n`;

it.each<[string, string, string, RequestInit["body"], Record<string, string>, number, RegExp]>([
  ["an empty body", "PUT", "/sources/a.mp4", "", {}, 400, /empty/],
  ["a body over the limit", "PUT", "/sources/a.mp4", "x".repeat(MAX_BYTES + 1), {}, 413, /limit is 3,000,000/],
  ["an encoded body", "PUT", "/sources/a.mp4", "x", { "content-encoding": "gzip" }, 400, /encoded as "gzip"/],
  ["a form that is put", "PUT", "/sources", "x", { "content-type": "multipart/form-data" }, 400, /is a form/],
  ["a digest that is none", "PUT", "/sources", "x", { "repr-digest": "sha-256=:abc:" }, 400, /is not a SHA-256/],
  ["a long title", "PUT", `/sources?title=${"x".repeat(201)}`, "x", {}, 400, /title|200/],
  ["a tenant of another call", "PUT", "/sources?tenant=b", "x", { "polyreel-tenant": "a" }, 403, /names another one/],
  [
    "a form without boundary",
    "POST",
    "/sources",
    "x",
    { "content-type": "multipart/form-data" },
    400,
    /cannot be read/,
  ],
  ["a form that is none", "POST", "/sources", "x", { "content-type": "text/plain" }, 400, /cannot be read/],
  ["a form without file", "POST", "/sources", `${part('name="title"', "x")}--x--`, boundary, 400, /has no file/],
  ["a form that breaks off", "POST", "/sources", part('name="f"; filename="a"', "x"), boundary, 400, /cannot be read/],
  ["an empty file", "POST", "/sources", `${part('name="f"; filename="a"', "")}--x--`, boundary, 400, /is empty/],
  ["a long field", "POST", "/sources", `${part('name="t"', "x".repeat(70_000))}--x--`, boundary, 400, /longer than/],
  ["a hash that is none", "GET", "/sources/clip.mp4", undefined, {}, 400, /./],
  ["an unknown hash", "GET", `/sources/${"0".repeat(64)}`, undefined, {}, 404, /There is no source/],
  ["an unknown order", "GET", "/sources?orderBy=title", undefined, {}, 400, /Cannot sort by "title"/],
  ["a page that is none", "GET", "/sources?pageToken=x", undefined, {}, 400, /no page token/],
  ["a size that is none", "GET", "/sources?pageSize=x", undefined, {}, 400, /whole number/],
  ["a broken path", "GET", "/sources/%E0%A4%A", undefined, {}, 400, /./],
  ["a foreign page", "PUT", "/sources/a.mp4", "x", { origin: "https://evil.example" }, 403, /Pages of/],
  ["a foreign form", "POST", "/sources", "x", { ...boundary, origin: "https://evil.example" }, 403, /Pages of/],
])("refuses %s", async (_what, method, path, body, headers, status, detail) => {
  const before = await settled();
  const refused = await send(method, path, body, headers);
  expect(refused).toMatchObject({ status, type, body: { status, detail: expect.stringMatching(detail) } });
  await expect.poll(stored).toEqual(before);
});

it("ends uploads without end, those that stall, and those whose client leaves, and keeps nothing", async () => {
  const before = await settled();
  const endless = http.request(`${gateway.url}/sources/endless.mp4`, { method: "PUT" });
  endless.on("error", () => {});
  const answered = once(endless, "response");
  const timer = setInterval(() => endless.write(Buffer.alloc(500_000)), 1);
  const [refused] = (await answered) as [http.IncomingMessage];
  clearInterval(timer);
  endless.destroy();
  expect(refused.statusCode).toBe(413);

  const stalled = http.request(`${gateway.url}/sources/stalled.mp4`, { method: "PUT" });
  stalled.on("error", () => {});
  stalled.write("some bytes");
  const [late] = (await once(stalled, "response")) as [http.IncomingMessage];
  expect(late).toMatchObject({ statusCode: 408, headers: { "content-type": type } });
  stalled.destroy();

  const left = http.request(`${gateway.url}/sources/left.mp4`, { method: "PUT", headers: { "content-length": 100 } });
  left.on("error", () => {});
  left.write("some bytes");
  await expect.poll(async () => (await stored()).length, { timeout: 10_000 }).toBe(before.length + 1);
  left.destroy();
  await expect.poll(stored, { timeout: 10_000 }).toEqual(before);
});

it("serves HTTP/2, and pages of allowed origins", async () => {
  const session = http2.connect(gateway.url);
  const stream = session.request({ ":method": "PUT", ":path": "/sources/h2.mp4" });
  stream.end("over HTTP/2");
  const [headers] = (await once(stream, "response")) as [http2.IncomingHttpHeaders];
  expect(headers[":status"]).toBe(201);
  session.destroy();
  const preflight = await fetch(`${gateway.url}/sources/a.mp4`, {
    method: "OPTIONS",
    headers: { origin: "https://studio.example", "access-control-request-method": "PUT" },
  });
  expect(preflight.headers.get("access-control-allow-methods")).toMatch(/\bPUT\b/);
});
