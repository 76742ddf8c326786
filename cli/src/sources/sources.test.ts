import { createHash } from "node:crypto";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFolderStore, readBytes, type Store, sourceKey } from "@polyreel/platform/blobs";
import { type BatchFile, parseBatchFile } from "@polyreel/spec/batch-file";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bindSources } from "./bind-sources.js";
import { putLocally } from "./put-local.js";

const { signal } = new AbortController();
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

let folder: string;
let store: Store;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-sources-"));
  store = await openFolderStore(join(folder, "store"));
});
afterEach(() => rm(folder, { recursive: true }));

function batchOf(...paths: string[]): BatchFile {
  const choices = paths.map((source, index) => ({ label: String(index), source }));
  const text = JSON.stringify({ blocks: [{ name: "v", video: { choices } }] });
  const { batchFile } = parseBatchFile(join(folder, "batch.yaml"), text);
  if (!batchFile) throw new Error("not a batch");
  return batchFile;
}

const locations = ({ sources }: BatchFile) => sources.map(({ message: { location } }) => location);

describe("the sources of a batch", () => {
  it("are transferred once each, however their paths are written, relative to the file", async () => {
    await writeFile(join(folder, "a.mp4"), "bytes");
    const batch = batchOf("a.mp4", "./a.mp4", join(folder, "a.mp4"));
    const put: string[] = [];
    await bindSources(batch, async ({ path }) => void put.push(path), signal);
    expect(put).toEqual([join(folder, "a.mp4")]);
    expect(locations(batch)).toEqual(Array(3).fill({ case: "sha256", value: sha256("bytes") }));
  });

  it("are reported if unreadable, without affecting the others", async () => {
    await writeFile(join(folder, "empty.mp4"), "");
    await writeFile(join(folder, "good.mp4"), "bytes");
    await mkdir(join(folder, "folder.mp4"));
    const batch = batchOf("gone.mp4", "good.mp4/x.mp4", "empty.mp4", "folder.mp4", "/dev/zero", "good.mp4");
    await bindSources(
      batch,
      putLocally(store, () => {}),
      signal,
    );
    expect(locations(batch).map(({ value }) => value)).toEqual([
      '"gone.mp4": The file does not exist.',
      '"good.mp4/x.mp4": The file does not exist.',
      '"empty.mp4": The file is empty.',
      '"folder.mp4": This is a folder, not a file.',
      '"/dev/zero": This is not a regular file.',
      sha256("bytes"),
    ]);
    expect((await readBytes(store, sourceKey(sha256("bytes")))).toString()).toBe("bytes");
  });

  it("stay correct in the store after the file is overwritten in place", async () => {
    const file = join(folder, "a.mp4");
    const copy = join(folder, "b.mp4");
    await writeFile(file, "first");
    await copyFile(file, copy);
    await bindSources(
      batchOf("a.mp4"),
      putLocally(store, () => {}),
      signal,
    );
    await writeFile(file, "other");
    expect((await readBytes(store, sourceKey(sha256("first")))).toString()).toBe("first");
    await bindSources(
      batchOf("a.mp4", "b.mp4"),
      putLocally(store, () => {}),
      signal,
    );
    for (const text of ["first", "other"]) {
      expect((await readBytes(store, sourceKey(sha256(text)))).toString()).toBe(text);
    }
  });

  it("are hashed again if the file changes before it is copied", async () => {
    const file = join(folder, "a.mp4");
    await writeFile(file, "first");
    const put = putLocally(store, () => {});
    /** Changes the file after it was hashed, this many times. */
    const changing = (times: number): typeof put => {
      let left = times;
      return async (found, putSignal) => {
        if (left-- > 0) await writeFile(file, `other bytes ${left}`);
        return put(found, putSignal);
      };
    };
    const once = batchOf("a.mp4");
    await bindSources(once, changing(1), signal);
    expect(locations(once)).toEqual([{ case: "sha256", value: sha256("other bytes 0") }]);
    expect((await readBytes(store, sourceKey(sha256("other bytes 0")))).toString()).toBe("other bytes 0");
    expect(await store.head(sourceKey(sha256("first")))).toBeUndefined();
    await writeFile(file, "never put");
    const always = batchOf("a.mp4");
    await bindSources(always, changing(100), signal);
    expect(locations(always)).toEqual([{ case: "unreadable", value: expect.stringContaining("keeps changing") }]);
  });

  it("are no longer read after an abort", async () => {
    await writeFile(join(folder, "a.mp4"), "bytes");
    await expect(
      bindSources(
        batchOf("a.mp4"),
        putLocally(store, () => {}),
        AbortSignal.abort(),
      ),
    ).rejects.toThrow();
  });
});
