import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeFile, never } from "@polyreel/media/testing";
import { PolyreelError } from "@polyreel/platform";
import type { Store } from "@polyreel/platform/blobs";
import { openFolderStore } from "@polyreel/platform/blobs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sourceProbe } from "./source-probe.js";

const SHA = "a".repeat(64);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-source-probe-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function keysOf(store: Store): Promise<string[]> {
  const keys = [];
  for await (const { key } of store.list(`probes/${SHA}/`)) keys.push(key);
  return keys;
}

it("is probed once and kept in the store, unless the file cannot be read", async () => {
  const store = await openFolderStore(join(folder, "store"));
  const path = await makeFile(join(folder, "tone.wav"), ["sine=f=440:d=1"], []);
  const where = { store, source: { path, assertUnchanged: async () => {} } };
  const found = await sourceProbe(SHA, where, { signal: never, keep: false });
  expect(await keysOf(store)).toEqual([]);
  expect(await sourceProbe(SHA, where, { signal: never })).toEqual(found);
  const [key = "", ...others] = await keysOf(store);
  expect([key, others]).toEqual([expect.stringMatching(/^probes\/a{64}\/\d+-ffmpeg_/), []]);
  await store.put(key, Buffer.from(JSON.stringify({ ...found, durationSeconds: 7 })));
  expect((await sourceProbe(SHA, where, { signal: never })).durationSeconds).toBe(7);
  await store.remove([key]);
  await store.put(key, Buffer.from("{"));
  expect(await sourceProbe(SHA, where, { signal: never })).toEqual(found);
});

it("reports the store, not the file, if the store's disk is unmounted while the file is probed", async () => {
  const store = await openFolderStore(join(folder, "mounted"));
  const away = new PolyreelError("unavailable", "The store is not mounted.");
  const source = { path: join(folder, "unmounted.mp4"), assertUnchanged: () => Promise.reject(away) };
  await expect(sourceProbe(SHA, { store, source }, { signal: never })).rejects.toBe(away);
});
