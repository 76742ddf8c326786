import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FailureCode } from "@polyreel/contract";
import { Sources } from "@polyreel/parts/sources";
import { openFolderStore, type Store, sourceKey } from "@polyreel/platform/blobs";
import { admissionOf } from "@polyreel/platform/web";
import { afterEach, beforeEach, expect, it } from "vitest";
import { fetchOnce } from "./fetch-once.js";
import { DEFAULT_LIMITS } from "./limits.js";
import { NO_BUCKETS } from "./testing/fetching.js";
import { startWebServer, type WebServer } from "./testing/web-server.js";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

let folder: string;
let store: Store;
let server: WebServer;
let requests: number;
/** The server's file; undefined for 404. */
let content: string | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-fetch-"));
  store = await openFolderStore(folder);
  requests = 0;
  server = await startWebServer((_, response) => {
    requests++;
    response.writeHead(content === undefined ? 404 : 200).end(content);
  });
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const once = (batchId: string, { path = "/a?key=1", attempt = 1 } = {}) =>
  fetchOnce(server.url + path, {
    batchId,
    attempt,
    store,
    sources: new Sources(store, () => {}),
    signal: new AbortController().signal,
    limits: DEFAULT_LIMITS,
    admission: admissionOf("127.0.0.1"),
    buckets: NO_BUCKETS,
  });

it("returns the same bytes to a batch every time, and current bytes to another batch", async () => {
  content = "first";
  expect(await once("b1")).toBe(sha256("first"));
  content = "second";
  expect(await once("b1")).toBe(sha256("first"));
  expect(await once("b1", { path: "/a?key=2" })).toBe(sha256("second"));
  expect(await once("b2")).toBe(sha256("second"));
  expect(requests).toBe(3);
});

it("repeats a failure until the next attempt", async () => {
  content = undefined;
  await expect(once("b1")).rejects.toMatchObject({
    code: "invalid",
    failure: { reason: expect.stringContaining("404") },
  });
  content = "first";
  await expect(once("b1")).rejects.toMatchObject({
    code: "invalid",
    failure: { reason: expect.stringContaining("404"), remedy: "Check the address.", code: FailureCode.SOURCE_INVALID },
  });
  expect(requests).toBe(1);
  expect(await once("b1", { attempt: 2 })).toBe(sha256("first"));
});

it("fetches a source again that the store has lost", async () => {
  content = "first";
  await once("b1");
  await store.remove([sourceKey(sha256("first"))]);
  expect(await once("b1")).toBe(sha256("first"));
  expect(requests).toBe(2);
});
