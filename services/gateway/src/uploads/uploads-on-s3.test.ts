import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Releasers } from "@polyreel/platform";
import { readStoreConfig } from "@polyreel/platform/runtime";
import { openTestBucket, SEAWEED, startSeaweed, type TestBucket } from "@polyreel/platform/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningGateway, runGateway } from "../testing/running-gateway.js";

if (!SEAWEED) console.warn("SeaweedFS is not in .programs: uploads are not tested on S3.");

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
    POLYREEL_STORE: `s3://${server.bucket}/uploads?endpoint=${server.endpoint}&create=true`,
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

it.skipIf(!SEAWEED)("stores, resumes, lists and deletes sources in a bucket, and leaves nothing else", async () => {
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
