import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFolderStore, type Store } from "@polyreel/platform/blobs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { indexKey, payloadKey } from "./kinds/part-key.js";
import { removePart } from "./remove-part.js";

const part = ["clip", "a".repeat(64)] as const;
const other = ["clip", "b".repeat(64)] as const;

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-remove-part-"));
  store = await openFolderStore(folder);
  for (const key of [payloadKey(...part), indexKey(...part), payloadKey(...other), indexKey(...other)]) {
    await store.put(key, new Uint8Array(1));
  }
});
afterEach(() => rm(folder, { recursive: true }));

async function keys(): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list("parts/")) found.push(key);
  return found.sort();
}

it("removes payload and index, is idempotent, and removes no other part", async () => {
  await removePart(store, payloadKey(...part));
  await removePart(store, payloadKey(...part));
  expect(await keys()).toEqual([payloadKey(...other), indexKey(...other)]);
});

it("leaves a payload without an index when it is killed in between", async () => {
  let removals = 0;
  const remove = async (keys: readonly string[]) => {
    if (++removals === 2) throw new Error("killed");
    await store.remove(keys);
  };
  await expect(removePart({ remove }, payloadKey(...part))).rejects.toThrow("killed");
  expect(await store.head(indexKey(...part))).toBeUndefined();
  expect(await store.head(payloadKey(...part))).toBeDefined();
});
