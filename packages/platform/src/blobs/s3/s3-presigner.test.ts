import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { scopedStore } from "../scoped-store.js";
import type { Store } from "../store.js";
import { givenKeys } from "./s3-keys.js";
import { openS3Store } from "./s3-store.js";
import { NEEDS_SEAWEED, type S3Server, startSeaweed } from "./testing/seaweed.js";

describe("links to objects of a store on S3", NEEDS_SEAWEED, () => {
  let server: S3Server;
  let folder: string;
  let store: Store;

  const open = (parameters: string) =>
    openS3Store({
      address: `s3://${server.bucket}/presigned?endpoint=${server.endpoint}${parameters}`,
      keys: givenKeys(server.keys),
      cache: { folder, maxBytes: 1e6 },
    });

  beforeAll(async () => {
    server = await startSeaweed();
    folder = await mkdtemp(join(tmpdir(), "polyreel-presigned-"));
    store = scopedStore(await open(`&publicEndpoint=${server.endpoint}`), "acme");
    await store.put("sources/a", Buffer.from("bytes of a source"));
    await store.put("sources/b", Buffer.from("others"));
  });
  afterAll(async () => {
    await server?.close();
    if (folder) await rm(folder, { recursive: true });
  });

  const linkTo = async (key: string, lifetimeMs = 60_000) =>
    (await store.presign?.(key, {
      ...{ lifetimeMs, contentType: "video/mp4" },
      contentDisposition: "inline; filename=\"a b.mp4\"; filename*=UTF-8''%C3%A0.mp4",
    })) ?? expect.fail("no link");

  it("give the object, by ranges, with the wanted headers, to anyone", async () => {
    const link = await linkTo("sources/a");
    const answer = await fetch(link);
    expect([answer.status, await answer.text()]).toEqual([200, "bytes of a source"]);
    expect(answer.headers.get("content-type")).toBe("video/mp4");
    expect(answer.headers.get("content-disposition")).toBe("inline; filename=\"a b.mp4\"; filename*=UTF-8''%C3%A0.mp4");
    const range = await fetch(link, { headers: { range: "bytes=0-4" } });
    expect([range.status, await range.text()]).toEqual([206, "bytes"]);
  });

  it("are refused altered, expired, for another object or method", async () => {
    const link = await linkTo("sources/a");
    const statusOf = async (url: string, init: RequestInit = {}) => (await fetch(url, init)).status;
    expect(await statusOf(link.replace("sources/a", "sources/b"))).toBe(403);
    expect(await statusOf(link.replace("video%2Fmp4", "text%2Fhtml"))).toBe(403);
    expect(await statusOf(link.replace("X-Amz-Expires=60", "X-Amz-Expires=600"))).toBe(403);
    expect(await statusOf(link, { method: "DELETE" })).toBe(403);
    const short = await linkTo("sources/a", 1000);
    await sleep(2100);
    expect(await statusOf(short)).toBe(403);
  });

  it("lead to the public endpoint, and exist only where that is configured", async () => {
    expect((await open("")).presign).toBeUndefined();
    const outside = await open("&publicEndpoint=https://s3.example");
    const link = (await outside.presign?.("measured/a", { lifetimeMs: 7 * 86_400_000 })) ?? "";
    expect(link).toMatch(new RegExp(`^https://s3\\.example/${server.bucket}/presigned/measured/a\\?`));
    expect(link).toContain("X-Amz-Expires=604800");
    expect(link).not.toContain(server.keys.secretAccessKey);
  });
});
