import { createHash } from "node:crypto";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { LinkService } from "@polyreel/contract";
import { scopedStore, sourceKey } from "@polyreel/platform/blobs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningGateway, runGateway } from "../testing/running-gateway.js";

// A PNG of one pixel.
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=",
  "base64",
);
const PAGE = Buffer.from("<!doctype html><script>alert(1)</script>");

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await runGateway();
});
afterAll(() => gateway.close());

const hashOf = (bytes: string | Buffer) => createHash("sha256").update(bytes).digest("hex");

async function put(bytes: Buffer, tenant = "default"): Promise<string> {
  const sha256 = hashOf(bytes);
  await scopedStore(gateway.platform.store, tenant).put(sourceKey(sha256), bytes, { sha256 });
  return sha256;
}

const get = (sha256: string, init: RequestInit = {}) => fetch(`${gateway.url}/sources/${sha256}/content`, init);

it("serves a source's bytes, by ranges, with its hash as the tag", async () => {
  const sha256 = await put(PNG);
  const answer = await get(sha256);
  expect(Buffer.from(await answer.arrayBuffer()).equals(PNG)).toBe(true);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "content-type": "image/png",
    "content-disposition": `inline; filename="${sha256}.png"`,
    "content-length": String(PNG.length),
    "accept-ranges": "bytes",
    etag: `"${sha256}"`,
    "x-content-type-options": "nosniff",
  });
  const range = await get(sha256, { headers: { range: "bytes=-4" } });
  expect([range.status, Buffer.from(await range.arrayBuffer())]).toEqual([206, PNG.subarray(-4)]);
  expect((await get(sha256, { headers: { range: "bytes=999-" } })).status).toBe(416);
  expect((await get(sha256, { headers: { "if-none-match": `"${sha256}"` } })).status).toBe(304);
  const head = await get(sha256, { method: "HEAD" });
  expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, String(PNG.length), ""]);
});

it("never serves an uploaded page as one", async () => {
  const { headers } = await get(await put(PAGE));
  expect(headers.get("content-type")).toBe("application/octet-stream");
  expect(headers.get("content-disposition")).toMatch(/^attachment; /);
});

it("serves sources of the caller's tenant only", async () => {
  const foreign = await put(Buffer.from("of acme"), "acme");
  expect((await get(foreign)).status).toBe(404);
  expect((await get(foreign, { headers: { "polyreel-tenant": "acme" } })).status).toBe(200);
  for (const other of ["0".repeat(64), "..", "x", `${"0".repeat(63)}/`]) expect((await get(other)).status).toBe(404);
});

it("is reached by a signed link", async () => {
  const sha256 = await put(Buffer.from("linked"), "acme");
  const links = createClient(LinkService, createGrpcTransport({ baseUrl: gateway.url }));
  const source = (value: { tenant: string; sha256: string }) => links.createLink({ target: { case: "source", value } });
  const { method, url } = await source({ tenant: "acme", sha256 });
  expect([method, await (await fetch(url)).text()]).toEqual(["GET", "linked"]);
  expect((await fetch(url.replace(sha256, "0".repeat(64)))).status).toBe(403);
  await expect(source({ tenant: "default", sha256 })).rejects.toThrow("no source with these bytes");
  const upload = await links.createLink({ target: { case: "upload", value: { tenant: "acme", name: "à b.mp4" } } });
  expect(upload).toMatchObject({ method: "PUT", url: expect.stringContaining("/sources/%C3%A0%20b.mp4?key=") });
  expect((await fetch(upload.url, { method: "PUT", body: "by a link" })).status).toBe(201);
  expect((await get(hashOf("by a link"), { headers: { "polyreel-tenant": "acme" } })).status).toBe(200);
  expect((await fetch(upload.url.replace("b.mp4", "c.mp4"), { method: "PUT", body: "by a link" })).status).toBe(403);
  expect((await fetch(upload.url, { method: "DELETE" })).status).toBe(403);
});
