import { mkdtemp, readdir, rm, stat, truncate, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Store } from "@polyreel/platform/blobs";
import { openFolderStore, readBytes } from "@polyreel/platform/blobs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { indexKey, payloadKey } from "./kinds/part-key.js";
import { PartStore } from "./part-store.js";
import { removePart } from "./remove-part.js";
import { removeSource } from "./sources/remove-source.js";

const HASH = "0123456789abcdef".repeat(4);
const SOUND = { kind: { case: "sound" as const, value: { sizes: [3, 4, 5], samples: 2048n } } };
const PAYLOAD = Buffer.from("abcdefghijkl");

let folder: string;
let store: Store;
let parts: PartStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parts-"));
  store = await openFolderStore(folder);
  parts = new PartStore(store);
});
afterEach(() => rm(folder, { recursive: true }));

const payloadFile = async () => (await store.files.open(payloadKey("sound", HASH))).path;

test("returns stored parts, also to another process", async () => {
  await parts.put("sound", HASH, PAYLOAD, SOUND);
  for (const reader of [parts, new PartStore(store), new PartStore(store, { cachedPayloadBytes: 4 })]) {
    expect(await reader.has("sound", HASH)).toBe(true);
    expect((await reader.describe("sound", HASH))?.sizes).toEqual([3, 4, 5]);
    expect((await reader.index("sound", HASH))?.payloadBytes).toBe(12n);
    expect((await reader.read("sound", HASH, 3, 7)).toString()).toBe("defg");
    expect((await reader.read("sound", HASH, 12, 12)).length).toBe(0);
  }
});

test("returns from put exactly the index that other processes read", async () => {
  const loudness = [-16.123456789, Number.NEGATIVE_INFINITY];
  const pcm = { kind: { case: "pcm" as const, value: { samples: 2n, loudnessLufs: loudness } } };
  const { index } = await parts.put("pcm", HASH, Buffer.alloc(16), pcm);
  const elsewhere = await new PartStore(store).index("pcm", HASH);
  expect(index).toEqual(elsewhere);
  expect(await parts.index("pcm", HASH)).toEqual(elsewhere);
});

test("takes in a file by moving it", async () => {
  const path = join(folder, "encoded");
  await writeFile(path, PAYLOAD);
  await parts.put("sound", HASH, { path }, SOUND);
  expect((await parts.read("sound", HASH, 0, 12)).toString()).toBe("abcdefghijkl");
  await expect(stat(path)).rejects.toThrow("ENOENT");
});

test("keeps the first of two equal parts", async () => {
  await parts.put("sound", HASH, PAYLOAD, SOUND);
  const path = join(folder, "late");
  await writeFile(path, "ABCDEFGHIJKL");
  const { index, reused } = await new PartStore(store).put("sound", HASH, { path }, SOUND);
  expect(reused).toBe(true);
  expect(index).toEqual(await parts.index("sound", HASH));
  expect((await parts.read("sound", HASH, 0, 12)).toString()).toBe("abcdefghijkl");
  await expect(stat(path)).rejects.toThrow("ENOENT");
});

test("knows parts it has read without asking the store, until the store is found to lack them", async () => {
  await parts.put("sound", HASH, PAYLOAD, SOUND);
  const reader = new PartStore(store);
  expect(reader.knows("sound", HASH)).toBe(false);
  await reader.index("sound", HASH);
  await store.remove([indexKey("sound", HASH)]);
  expect(reader.knows("sound", HASH)).toBe(true);
  expect(await reader.has("sound", HASH)).toBe(false);
  expect(reader.knows("sound", HASH)).toBe(false);
  expect(await reader.index("sound", HASH)).toBeUndefined();
});

test("reads an index once for concurrent callers, and again for those that call after its absence was read", async () => {
  let reads = 0;
  let answer = () => {};
  const slow: Store = {
    ...store,
    async *read(key, io) {
      if (!key.endsWith(".index")) return yield* store.read(key, io);
      const found = await readBytes(store, key, io).catch((error: unknown) => error);
      await new Promise<void>((resolve) => {
        answer = resolve;
        reads++;
      });
      if (found instanceof Error) throw found;
      yield found as Buffer;
    },
  };
  const reader = new PartStore(slow);
  const early = reader.index("sound", HASH);
  await expect.poll(() => reads).toBe(1);
  await parts.put("sound", HASH, PAYLOAD, SOUND);
  const late = Promise.all([1, 2, 3].map(() => reader.index("sound", HASH)));
  answer();
  expect(await early).toBeUndefined();
  await expect.poll(() => reads).toBe(2);
  answer();
  for (const index of await late) expect(index?.payloadBytes).toBe(12n);
  expect(reads).toBe(2);
});

test("a payload without index is no part, and is replaced", async () => {
  await store.put(payloadKey("sound", HASH), Buffer.from("interrupted"));
  expect(await parts.has("sound", HASH)).toBe(false);
  expect(await parts.index("sound", HASH)).toBeUndefined();
  await parts.put("sound", HASH, PAYLOAD, SOUND);
  expect((await parts.read("sound", HASH, 0, 12)).toString()).toBe("abcdefghijkl");
});

test("rejects a payload that does not match its index", async () => {
  await expect(parts.put("sound", HASH, PAYLOAD.subarray(1), SOUND)).rejects.toMatchObject({ code: "internal" });
  await expect(parts.put("clip", HASH, PAYLOAD, SOUND)).rejects.toMatchObject({ code: "internal" });
  expect(await readdir(folder)).toEqual([".format", "tmp"]);
});

const damages: [string, () => Promise<unknown>][] = [
  ["changed in one byte", async () => writeFile(await payloadFile(), "abcdefghijkL")],
  ["cut short", async () => truncate(await payloadFile(), 11)],
  ["longer", async () => writeFile(await payloadFile(), "abcdefghijklm")],
  ["gone", async () => unlink(await payloadFile())],
];

test.each(damages)("a payload that is %s is reported and removed, and can be put again", async (_how, damage) => {
  for (const cachedPayloadBytes of [4, 100]) {
    await parts.put("sound", HASH, PAYLOAD, SOUND);
    await damage();
    const reader = new PartStore(store, { cachedPayloadBytes });
    await expect(reader.read("sound", HASH, 0, 1)).rejects.toMatchObject({ code: "unavailable" });
    expect(await reader.has("sound", HASH)).toBe(false);
    expect(await reader.index("sound", HASH)).toBeUndefined();
    expect(await store.head(payloadKey("sound", HASH))).toBeUndefined();
  }
  await parts.put("sound", HASH, PAYLOAD, SOUND);
  expect((await new PartStore(store).read("sound", HASH, 0, 3)).toString()).toBe("abc");
});

test("a damaged index means that the part does not exist", async () => {
  await parts.put("sound", HASH, PAYLOAD, SOUND);
  await store.put(indexKey("sound", HASH), Buffer.from("no index"));
  const reader = new PartStore(store);
  expect(await reader.index("sound", HASH)).toBeUndefined();
  expect(await reader.has("sound", HASH)).toBe(false);
});

test("a payload is checked once, not at every read", async () => {
  await parts.put("sound", HASH, PAYLOAD, SOUND);
  await parts.read("sound", HASH, 0, 1);
  await writeFile(await payloadFile(), "ABCDEFGHIJKL");
  expect((await parts.read("sound", HASH, 0, 12)).toString()).toBe("abcdefghijkl");
});

test("a payload evicted from the cache is read and checked again", async () => {
  const bounded = new PartStore(store, { cacheBytes: 12 });
  await bounded.put("sound", HASH, PAYLOAD, SOUND);
  expect((await bounded.read("sound", HASH, 0, 3)).toString()).toBe("abc");
});

test.each(["", "../../etc/passwd", HASH.toUpperCase().slice(1), `${HASH}/..`])("rejects the hash %j", async (hash) => {
  await expect(parts.has("clip", hash)).rejects.toMatchObject({ code: "invalid" });
});

test("a range outside the payload is an internal error", async () => {
  await parts.put("sound", HASH, PAYLOAD, SOUND);
  await expect(parts.read("sound", HASH, 5, 13)).rejects.toMatchObject({ code: "internal" });
});

test("forgets parts that another process removed because their source was damaged", async () => {
  const remover = await openFolderStore(folder);
  const reader = new PartStore(store);
  await parts.put("sound", HASH, PAYLOAD, SOUND);
  expect((await reader.read("sound", HASH, 0, 3)).toString()).toBe("abc");
  await removeSource(remover, "f".repeat(64), { isStill: async () => true, signal: new AbortController().signal });
  await new PartStore(remover).put("sound", HASH, Buffer.from("ABCDEFGHIJKL"), SOUND);
  await expect.poll(async () => (await reader.read("sound", HASH, 0, 3)).toString()).toBe("ABC");
  expect((await reader.index("sound", HASH))?.payloadSha256).toBe(
    (await new PartStore(remover).index("sound", HASH))?.payloadSha256,
  );
});

test("counts a part with a damaged index as existing, once: the work that reads it requests it again", async () => {
  await parts.put("sound", HASH, PAYLOAD, SOUND);
  await store.put(indexKey("sound", HASH), Buffer.from("no index"));
  const reader = new PartStore(store);
  expect(await reader.existed("sound", HASH)).toBe(true);
  expect(await reader.existed("sound", HASH)).toBe(false);
  await expect(reader.read("sound", HASH, 0, 1)).rejects.toMatchObject({ code: "unavailable" });
});

test("answers from memory that a part exists, if the store had it a moment ago and asking costs a request", async () => {
  const asked: string[] = [];
  const remote: Store = {
    ...store,
    presentForMs: 60_000,
    head: (key, io) => {
      asked.push(`HEAD ${key}`);
      return store.head(key, io);
    },
    async *read(key, io) {
      if (key.startsWith("parts/")) asked.push(`GET ${key}`);
      yield* store.read(key, io);
    },
  };
  await parts.put("sound", HASH, PAYLOAD, SOUND);
  const reader = new PartStore(remote);
  const exists = () => reader.hasLately("sound", HASH);
  for (let i = 0; i < 3; i++) expect(await exists()).toBe(true);
  expect(asked).toEqual([`GET ${indexKey("sound", HASH)}`]);
  await removePart(store, payloadKey("sound", HASH));
  expect(await exists()).toBe(true);
  expect(await reader.has("sound", HASH)).toBe(false);
  expect(await exists()).toBe(false);

  await parts.put("sound", HASH, PAYLOAD, SOUND);
  const forgetful = new PartStore({ ...store, presentForMs: 1 });
  expect(await forgetful.hasLately("sound", HASH)).toBe(true);
  await removePart(store, payloadKey("sound", HASH));
  await expect.poll(() => forgetful.hasLately("sound", HASH)).toBe(false);
});

test("asks a folder each time whether a part exists", async () => {
  await parts.put("sound", HASH, PAYLOAD, SOUND);
  expect(await parts.hasLately("sound", HASH)).toBe(true);
  await removePart(store, payloadKey("sound", HASH));
  expect(await parts.hasLately("sound", HASH)).toBe(false);
});
