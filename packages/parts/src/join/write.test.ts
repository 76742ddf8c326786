import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Layout } from "@polyreel/media/join";
import { writeLayout } from "@polyreel/media/join";
import type { Store } from "@polyreel/platform/blobs";
import { openFolderStore } from "@polyreel/platform/blobs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { payloadKey } from "../kinds/part-key.js";
import { PartStore } from "../part-store.js";

const HASH = "ab".repeat(32);
const PAYLOAD = Buffer.from(Array.from({ length: 10_000_000 }, (_, i) => (i * 7919) >> 5));

let folder: string;
let store: Store;
let parts: PartStore;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "write-"));
  store = await openFolderStore(join(folder, "store"));
  parts = new PartStore(store);
  path = join(folder, "output");
  const value = { sizes: [PAYLOAD.length] };
  await parts.put("clip", HASH, PAYLOAD, { kind: { case: "clip", value } });
});
afterEach(() => rm(folder, { recursive: true }));

const segment = (start: number, end: number) => ({ kind: "clip" as const, hash: HASH, start, end });
const layout = (...segments: Layout["segments"]): Layout => ({ header: Buffer.from("HEADER"), segments, sizeBytes: 0 });

test.each([
  ["in memory", {}],
  ["read by ranges", { cachedPayloadBytes: 1000 }],
])("writes header and segments of a payload %s, in order", async (_how, options) => {
  const many = Array.from({ length: 1500 }, (_, i) => segment(i, i + 2));
  await writeLayout(layout(segment(0, 10_000_000), segment(5, 9), ...many), new PartStore(store, options), path);
  const expected = [PAYLOAD, PAYLOAD.subarray(5, 9), ...many.map(({ start, end }) => PAYLOAD.subarray(start, end))];
  expect(Buffer.compare(await readFile(path), Buffer.concat([Buffer.from("HEADER"), ...expected]))).toBe(0);
});

test("keeps an existing file", async () => {
  await writeFile(path, "mine");
  await expect(writeLayout(layout(segment(0, 1)), parts, path)).rejects.toMatchObject({ code: "EEXIST" });
  expect(await readFile(path, "utf8")).toBe("mine");
});

test("leaves no file if a part is missing", async () => {
  await store.remove([payloadKey("clip", HASH)]);
  await expect(writeLayout(layout(segment(0, 1)), parts, path)).rejects.toMatchObject({ code: "unavailable" });
  expect(await readdir(folder)).toEqual(["store"]);
});

test("leaves no file if it is cancelled while writing", async () => {
  const cancel = new AbortController();
  // The signal fires when the second batch is read.
  const reads: number[] = [];
  const slow = Object.assign(Object.create(parts) as PartStore, {
    read: async (...range: Parameters<PartStore["read"]>) => {
      if (reads.push(range[2]) === 2) cancel.abort();
      return parts.read(...range);
    },
  });
  const writing = writeLayout(layout(segment(0, 10_000_000)), slow, path, { signal: cancel.signal });
  await expect(writing).rejects.toMatchObject({ name: "AbortError" });
  expect(reads.length).toBeLessThan(3);
  expect(await readdir(folder)).toEqual(["store"]);
});
