import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFolderStore } from "@polyreel/platform/blobs";
import { expect, it } from "vitest";
import { writeWorkList } from "./work-list.js";

it("removes an incomplete list when its items fail", async () => {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-list-"));
  try {
    const store = await openFolderStore(folder);
    const keys = async () => {
      const found: string[] = [];
      for await (const { key } of store.list("")) found.push(key);
      return found;
    };
    let whileWriting: string[] = [];
    const items = async function* () {
      for (let ordinal = 0; ordinal < 10_001; ordinal++) yield { ordinal, sequence: 1n };
      whileWriting = await keys();
      throw new Error("the caller went away");
    };
    const before = await keys();
    await expect(writeWorkList(store, { batchId: "b1", listId: "l1" }, items())).rejects.toThrow("went away");
    expect(whileWriting.length).toBeGreaterThan(before.length);
    expect(await keys()).toEqual(before);
  } finally {
    await rm(folder, { recursive: true });
  }
});
