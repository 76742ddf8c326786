import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Releasers } from "@polyreel/platform";
import { readStoreConfig } from "@polyreel/platform/runtime";
import { NEEDS_SEAWEED, openTestBucket, SEAWEED, startSeaweed, type TestBucket } from "@polyreel/platform/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningGateway, runGateway } from "../testing/running-gateway.js";

const releasers = new Releasers();
let gateway: RunningGateway;
let bucket: TestBucket;
let cache: string;
beforeAll(async () => {
  if (!SEAWEED) return;
  const server = releasers.use(await startSeaweed());
  cache = await mkdtemp(join(tmpdir(), "polyreel-uploads-cache-"));
  releasers.add(() => rm(cache, { recursive: true, force: true }));
  const store = readStoreConfig({
    POLYREEL_STORE: `s3://${server.bucket}/uploads?endpoint=${server.endpoint}&publicEndpoint=${server.endpoint}&create=true`,
    POLYREEL_CACHE: cache,
    AWS_ACCESS_KEY_ID: server.keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.keys.secretAccessKey,
  });
  gateway = releasers.use(await runGateway({ store }));
  bucket = await openTestBucket(server, { prefix: "uploads/tenants/default" });
});
afterAll(() => releasers.close());

const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const TUS = { "tus-resumable": "1.0.0" };

it("stores, resumes, lists and deletes sources in a bucket, and leaves nothing else", NEEDS_SEAWEED, async () => {
  const send = async (method: string, path: string, headers = {}, body?: Uint8Array) => {
    const response = await fetch(gateway.url + path, { method, headers, ...(body && { body }) } as RequestInit);
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text && JSON.parse(text) };
  };
  const large = randomBytes(45_000_000);
  expect(await send("PUT", "/sources/a.mp4?label=s3", {}, large)).toMatchObject({ status: 201 });
  expect(await send("PUT", "/sources/a.mp4", {}, large)).toMatchObject({ status: 200, body: { known: true } });
  expect((await send("GET", "/sources?label=s3")).body.sources).toMatchObject([{ sha256: hashOf(large) }]);

  const other = randomBytes(70_000_000);
  const created = await send("POST", "/uploads/", { ...TUS, "upload-length": String(other.length) });
  const path = created.headers.get("location") ?? "";
  const patch = (offset: number, end: number) =>
    send(
      "PATCH",
      path,
      { ...TUS, "content-type": "application/offset+octet-stream", "upload-offset": String(offset) },
      other.subarray(offset, end),
    );
  expect(await patch(0, 40_000_000)).toMatchObject({ status: 204 });
  expect((await send("HEAD", path, TUS)).headers.get("upload-offset")).toBe("40000000");
  expect((await patch(40_000_000, other.length)).headers.get("polyreel-source")).toBe(hashOf(other));
  for (const sha256 of [hashOf(large), hashOf(other)]) {
    expect(await send("DELETE", `/sources/${sha256}`)).toMatchObject({ status: 204 });
  }
  expect(await send("DELETE", path, TUS)).toMatchObject({ status: 204 });
  expect([await bucket.keys(), await bucket.uploads()]).toEqual([[], []]);
  const spooled = (await readdir(cache, { recursive: true, withFileTypes: true })).filter((one) => one.isFile());
  expect(spooled.filter(({ name }) => !name.startsWith("."))).toEqual([]);
});

it("takes the parts of a file straight to the bucket, by links", NEEDS_SEAWEED, async () => {
  const call = async (method: string, path: string, body?: unknown) => {
    const init = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const response = await fetch(gateway.url + path, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text && JSON.parse(text) };
  };
  const file = randomBytes(65 * 1024 ** 2);
  const begun = await call("POST", "/uploads/presigned", {
    ...{ fileName: "/clips/hook.mp4", sizeBytes: file.length, sha256: hashOf(file), labels: ["direct"] },
  });
  expect(begun).toMatchObject({ status: 201, body: { finished: false, expires: expect.any(String) } });
  const { parts, complete, id } = begun.body as {
    parts: { number: number; offset: number; sizeBytes: number; url: string }[];
    complete: string;
    id: string;
  };
  expect(parts.map(({ number, offset, sizeBytes }) => [number, offset, sizeBytes])).toEqual([
    [1, 0, 64 * 1024 ** 2],
    [2, 64 * 1024 ** 2, 1024 ** 2],
  ]);
  const put = ({ offset, sizeBytes, url }: (typeof parts)[number]) =>
    fetch(url, { method: "PUT", body: file.subarray(offset, offset + sizeBytes) } as RequestInit);
  const [first = expect.fail(), second = expect.fail()] = parts;
  expect((await put(second)).status).toBe(200);
  expect(await call("POST", complete)).toMatchObject({ status: 409, body: { failure: { field: "parts" } } });
  const rest = await call("GET", begun.headers.get("location") ?? "");
  expect(rest.body.parts).toMatchObject([{ number: 1 }]);
  expect((await put(first)).status).toBe(200);
  const source = { sha256: hashOf(file), name: "hook.mp4" };
  const answer = { finished: true, known: false, sizeBytes: file.length, fileName: "hook.mp4", source };
  const completed = await call("POST", complete);
  expect(completed).toMatchObject({ status: 200, body: answer });
  expect(completed.headers.get("location")).toBe(`/sources/${source.sha256}`);
  expect(await call("POST", complete)).toMatchObject({ status: 200, body: answer });
  const { sources } = (await call("GET", "/sources?label=direct")).body;
  expect(sources).toMatchObject([{ sha256: source.sha256, fileName: "hook.mp4" }]);
  const bytes = Buffer.from(await (await fetch(`${gateway.url}/sources/${source.sha256}/content`)).arrayBuffer());
  expect(bytes.equals(file)).toBe(true);

  expect(await call("GET", `/uploads/presigned/acme/${id}`)).toMatchObject({ status: 404 });
  expect(await call("DELETE", `/uploads/presigned/default/${id}`)).toMatchObject({ status: 204 });
  expect(await call("POST", complete)).toMatchObject({ status: 404 });
  expect(await call("DELETE", `/sources/${source.sha256}`)).toMatchObject({ status: 204 });
  expect([await bucket.keys(), await bucket.uploads()]).toEqual([[], []]);
});

it.each([
  [{}, "sizeBytes"],
  [{ sizeBytes: 0 }, "sizeBytes"],
  [{ sizeBytes: 1.5 }, "sizeBytes"],
  [{ sizeBytes: 1, sha256: "A" }, "sha256"],
  [{ sizeBytes: 1, filename: "a" }, "filename"],
  [{ sizeBytes: 1, labels: "ads" }, "labels"],
  [[], undefined],
])("refuses to begin an upload to the bucket by %j", NEEDS_SEAWEED, async (body, field) => {
  const response = await fetch(`${gateway.url}/uploads/presigned`, { method: "POST", body: JSON.stringify(body) });
  const answer = (await response.json()) as { failure: { field?: string } };
  expect([response.status, answer.failure.field]).toEqual([400, field]);
});

it("is sent by the function of the guide", NEEDS_SEAWEED, async () => {
  const page = await readFile(new URL("../../../../docs/guide/uploads.md", import.meta.url), "utf8");
  const [code = expect.fail("no function")] = /^\/\/ Sends a File[\s\S]*?^}$/m.exec(page) ?? [];
  const module = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
    uploadToBucket: (file: File, server: string) => Promise<object>;
  };
  const bytes = randomBytes(1_000_000);
  const sent = await module.uploadToBucket(new File([bytes], "hook-a.mp4"), gateway.url);
  expect(sent).toEqual({ sha256: hashOf(bytes), name: "hook-a.mp4" });
});
