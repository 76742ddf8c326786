import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasKeptSpeech, indexKey, keepSpeech, recordSpeechUse } from "@polyreel/parts";
import { openFolderStore, type Store } from "@polyreel/platform/blobs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { removeUnusedSpeech } from "./remove-unused-speech.js";

const { signal } = new AbortController();
const HASHES = ["a", "b", "c"].map((digit) => digit.repeat(64));
const [, SPOKEN = "", DELETED = ""] = HASHES;

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-unused-speech-"));
  store = await openFolderStore(folder);
  for (const hash of HASHES) await keepSpeech(store, hash, { audio: Buffer.from(hash), words: [] });
});
afterEach(() => rm(folder, { recursive: true }));

const remove = (before: number, dryRun = false) =>
  removeUnusedSpeech(store, { before, dryRun, signal, assertHeld: async () => {} });
const kept = async () => {
  const found = await Promise.all(HASHES.map((hash) => hasKeptSpeech(store, hash)));
  return HASHES.filter((_, i) => found[i]);
};

it("removes speech that no batch has, unless it was kept or used lately", async () => {
  await store.put(indexKey("voice", SPOKEN), Buffer.from("index"));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const between = Date.now();
  await new Promise((resolve) => setTimeout(resolve, 50));
  await recordSpeechUse(store, DELETED, signal);
  await recordSpeechUse(store, "d".repeat(64), signal); // Of a voice of this machine.

  expect(await remove(0)).toEqual({ count: 0, bytes: 0 });
  expect(await remove(between, true)).toMatchObject({ count: 1 });
  expect(await kept()).toEqual(HASHES);
  expect((await remove(between)).bytes).toBeGreaterThan(64);
  expect(await kept()).toEqual([SPOKEN, DELETED]);
  expect(await remove(Date.now() + 1_000)).toMatchObject({ count: 1 });
  expect(await kept()).toEqual([SPOKEN]);
});
