import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { copyStore } from "./copy-store.js";
import { openFolderStore } from "./folder-store.js";
import { readBytes } from "./read-bytes.js";
import type { Store } from "./store.js";

const KEYS = [
  "measured/renderer",
  "tenants/a/parts/clip/x",
  "tenants/a/parts/clip/x.index",
  "tenants/a/sources/1",
  "tenants/a-b/sources/2",
  "tenants/b/plans/c",
];

let folder: string;
let from: Store;
let to: Store;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-copy-"));
  from = await openFolderStore(join(folder, "from"));
  to = await openFolderStore(join(folder, "to"));
  for (const key of KEYS) await from.put(key, Buffer.from(`bytes of ${key}`));
});
afterEach(() => rm(folder, { recursive: true }));

const keysOf = async (store: Store) => {
  const keys: string[] = [];
  for await (const { key } of store.list("")) keys.push(key);
  return keys.sort();
};

describe("copyStore", () => {
  it("copies every object once", async () => {
    await mkdir(join(folder, "from", "nats")); // of `polyreel up`
    await writeFile(join(folder, "from", "nats", "stream"), "");
    const copiedBytes = KEYS.join("").length + KEYS.length * "bytes of ".length;
    expect(await copyStore(from, to)).toEqual({ objects: 6, copied: 6, copiedBytes });
    expect(await keysOf(to)).toEqual([...KEYS].sort());
    for (const key of KEYS) expect((await readBytes(to, key)).toString()).toBe(`bytes of ${key}`);
    expect(await copyStore(from, to)).toEqual({ objects: 6, copied: 0, copiedBytes: 0 });
  });

  it("copies objects again that have another size or were written again", async () => {
    await copyStore(from, to);
    await to.put("tenants/a/sources/1", Buffer.from("half"));
    await to.remove(["tenants/b/plans/c"]);
    await new Promise((resolve) => setTimeout(resolve, 1100)); // times of stores have whole seconds
    await from.put("measured/renderer", Buffer.from("bytes of MEASURED/RENDERER"));
    expect(await copyStore(from, to)).toMatchObject({ copied: 3 });
    expect((await readBytes(to, "measured/renderer")).toString()).toBe("bytes of MEASURED/RENDERER");
    expect((await readBytes(to, "tenants/a/sources/1")).toString()).toBe("bytes of tenants/a/sources/1");
  });

  it("keeps no copy with other bytes", async () => {
    const damaging: Store = {
      ...to,
      put: async (key, body, io) => {
        await to.put(key, body, io);
        await writeFile(join(folder, "to", key), "something else");
        return true;
      },
    };
    await expect(copyStore(from, damaging)).rejects.toMatchObject({
      code: "unavailable",
      failure: { reason: expect.stringContaining("differed from the object") },
    });
    for (const key of await keysOf(to)) {
      expect(await readFile(join(folder, "to", key), "utf8")).not.toBe("something else");
    }
  });

  it("stops when cancelled, and resumes the next time", async () => {
    const cancel = new AbortController();
    const stopped = copyStore(from, to, { signal: cancel.signal, onProgress: () => cancel.abort() });
    await expect(stopped).rejects.toMatchObject({ name: "AbortError" });
    await copyStore(from, to);
    expect(await keysOf(to)).toEqual([...KEYS].sort());
  });

  it("writes no index before its payload", async () => {
    const written: string[] = [];
    const slow: Store = {
      ...to,
      put: async (key, body, io) => {
        if (!key.endsWith(".index")) await new Promise((resolve) => setTimeout(resolve, 50));
        written.push(key);
        return to.put(key, body, io);
      },
    };
    await copyStore(from, slow);
    expect(written.indexOf("tenants/a/parts/clip/x")).toBeLessThan(written.indexOf("tenants/a/parts/clip/x.index"));
  });
});
