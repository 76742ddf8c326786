import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFolderStore } from "@polyreel/platform/blobs";
import { expect, it } from "vitest";
import { removeParts } from "./own-parts.js";

it("stops removing parts when the caller aborts", async () => {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-parts-"));
  try {
    const store = await openFolderStore(folder);
    const hashes = ["1", "2", "3"].map((digit) => digit.repeat(64));
    for (const hash of hashes) await store.put(`parts/clip/${hash}.index`, new Uint8Array(1));
    const call = new AbortController();
    const parts = async function* () {
      for (const [i, hash] of hashes.entries()) {
        if (i === 1) call.abort();
        yield { kind: "clip" as const, hash };
      }
    };
    await expect(removeParts(parts(), store, call.signal)).rejects.toThrow();
    const isThere = async (hash: string) => (await store.head(`parts/clip/${hash}.index`)) !== undefined;
    expect(await Promise.all(hashes.map(isThere))).toEqual([false, true, true]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
