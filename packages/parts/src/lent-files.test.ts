import { createHash, randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFolderStore, readBytes, type Store, sourceKey } from "@polyreel/platform/blobs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { PartStore } from "./part-store.js";
import { Sources } from "./sources/sources.js";

const HASH = "0123456789abcdef".repeat(4);
const SOUND = { kind: { case: "sound" as const, value: { sizes: [3, 4, 5], samples: 2048n } } };
const PAYLOAD = Buffer.from("abcdefghijkl");

let folder: string;
let lent: string;
let store: Store;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-lent-"));
  lent = join(folder, "lent");
  await mkdir(lent);
  const whole = await openFolderStore(join(folder, "store"));
  store = { ...whole, files: { open: (key, io) => lend(whole, key, io?.signal) } };
});
afterEach(() => rm(folder, { recursive: true }));

/** A copy that is deleted when it is released, as with a store that is not a folder. */
async function lend(whole: Store, key: string, signal?: AbortSignal) {
  const path = join(lent, randomUUID());
  await writeFile(path, await readBytes(whole, key, { signal }));
  return { path, [Symbol.asyncDispose]: () => rm(path, { force: true }) };
}

it("opens a source until it is disposed of, and releases the copies used for checks", async () => {
  const sha256 = createHash("sha256").update("footage").digest("hex");
  const { signal } = new AbortController();
  await store.put(sourceKey(sha256), Buffer.from("footage"));
  const removed: unknown[] = [];
  const sources = new Sources(store, (one) => void removed.push(one));
  {
    await using source = await sources.open(sha256, signal);
    expect(await readFile(source.path, "utf8")).toBe("footage");
    await source.assertUnchanged();
    expect(await readdir(lent)).toHaveLength(1);
    await store.put(sourceKey(sha256), Buffer.from("footage"));
    await expect(source.assertUnchanged()).rejects.toMatchObject({ code: "unavailable" });
  }
  expect(await readdir(lent)).toEqual([]);
  await store.put(sourceKey(sha256), Buffer.from("rotten!"));
  expect(await sources.has(sha256, signal)).toBe(false);
  expect(removed).toHaveLength(1);
  expect(await readdir(lent)).toEqual([]);
});

it("reads and opens small and large parts, and holds one file of a large part for all its ranges", async () => {
  for (const cachedPayloadBytes of [100, 4]) {
    const parts = new PartStore(store, { cachedPayloadBytes });
    await parts.put("sound", HASH, PAYLOAD, SOUND);
    const letters = Array.from({ length: 12 }, (_, i) => parts.read("sound", HASH, i, i + 1));
    expect(Buffer.concat(await Promise.all(letters)).equals(PAYLOAD)).toBe(true);
    const held = await readdir(lent);
    expect(held).toHaveLength(cachedPayloadBytes > PAYLOAD.length ? 0 : 1);
    {
      await using file = await parts.open("sound", HASH);
      expect((await readFile(file.path)).equals(PAYLOAD)).toBe(true);
    }
    expect(await readdir(lent)).toEqual(held);
  }
});

it("reads a payload again if the lent copy is damaged, and removes the part only if the store's is, too", async () => {
  const damaged: Store = {
    ...store,
    files: {
      async open(key, options) {
        const file = await store.files.open(key, options);
        if (!options?.refetch) await writeFile(file.path, "abcdefghijkL");
        return file;
      },
    },
  };
  await new PartStore(damaged).put("sound", HASH, PAYLOAD, SOUND);
  expect((await new PartStore(damaged).read("sound", HASH, 0, 12)).equals(PAYLOAD)).toBe(true);
  await store.put(`parts/sound/${HASH}`, Buffer.from("ABCDEFGHIJKL"));
  await expect(new PartStore(damaged).read("sound", HASH, 0, 12)).rejects.toMatchObject({ code: "unavailable" });
  expect(await store.head(`parts/sound/${HASH}`)).toBeUndefined();
  expect(await readdir(lent)).toEqual([]);
});

it("reads an object that is no part, and notices its removal", async () => {
  const parts = new PartStore(store);
  await store.put("outputs/b/a", PAYLOAD);
  expect((await parts.readObject("outputs/b/a", 3, 6))?.toString()).toBe("def");
  expect((await parts.readObject("outputs/b/a", 10, 20))?.toString()).toBe("kl");
  expect(await parts.readObject("outputs/b/none", 0, 1)).toBeUndefined();
});
