import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, mkdir, mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ScriptProcess } from "../process/testing/script-process.js";
import { openCachedFiles } from "./cached-files.js";
import { openFolderStore } from "./folder-store.js";
import type { LocalFiles } from "./local-files.js";
import type { BlobStore } from "./store.js";
import { filesIn } from "./testing/files-in.js";
import { describeLocalFiles } from "./testing/local-files-contract.js";

const run = promisify(execFile);
const KIB = 1024;

let parent: string;
let folder: string;
let store: BlobStore;
/** Keys in the order of reads. */
let reads: string[];
/** Number of calls of `head`. */
let heads: number;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "polyreel-cache-"));
  folder = join(parent, "cache");
  reads = [];
  heads = 0;
  store = throughThePort(await openFolderStore(join(parent, "store")));
});
afterEach(async () => {
  expect(await filesIn(join(folder, "tmp"))).toBe(0);
  await rm(parent, { recursive: true });
});

/** Exposes only the methods of the port, without a folder's files. */
function throughThePort(whole: BlobStore): BlobStore {
  return {
    head: (key, io) => {
      heads++;
      return whole.head(key, io);
    },
    async *read(key, io) {
      reads.push(key);
      yield* whole.read(key, io);
    },
    put: (key, body, io) => whole.put(key, body, io),
    putHashed: (prefix, bytes, io) => whole.putHashed(prefix, bytes, io),
    remove: (keys, io) => whole.remove(keys, io),
    list: (prefix, io) => whole.list(prefix, io),
    segments: (prefix, io) => whole.segments(prefix, io),
    ping: (io) => whole.ping(io),
  };
}

const cache = (maxBytes = 1 << 30, over = store) => openCachedFiles(over, { folder, maxBytes });
const copies = async () => (await readdir(join(folder, "objects"))).length;
const put = (key: string, sizeBytes: number) => store.put(key, Buffer.alloc(sizeBytes, key));

/** Opens and closes it, and sets its last use to `secondsAgo`. */
async function use(files: LocalFiles, key: string, secondsAgo = 0): Promise<void> {
  await using file = await files.open(key);
  const then = Date.now() / 1000 - secondsAgo;
  await utimes(file.path, then, then);
}

describe("a cache over a store", () => {
  let files: LocalFiles;
  beforeEach(async () => {
    files = await cache();
  });
  describeLocalFiles(() => ({ store, files }));
});

describe("openCachedFiles", () => {
  it("reads an object once for concurrent opens, and again only after a change", async () => {
    await put("sources/a", 3 * KIB);
    const files = await cache();
    const opened = await Promise.all(Array.from({ length: 8 }, () => files.open("sources/a")));
    expect(reads).toEqual(["sources/a"]);
    for (const file of opened) await file[Symbol.asyncDispose]();
    await use(files, "sources/a");
    await use(await cache(), "sources/a"); // Another cache over the same folder.
    expect(reads).toEqual(["sources/a"]);
    await put("sources/a", 2 * KIB);
    await use(files, "sources/a");
    expect(reads).toEqual(["sources/a", "sources/a"]);
  });

  describe("known content", () => {
    const bytes = Buffer.from("payload");
    const content = { sha256: createHash("sha256").update(bytes).digest("hex"), sizeBytes: bytes.length };
    const opened = async (files: LocalFiles, refetch = false) => {
      await using file = await files.open("parts/clip/a", { content, refetch });
      return await readFile(file.path, "utf8");
    };
    const localFile = async () => {
      const path = join(parent, "made");
      await writeFile(path, bytes);
      return path;
    };

    it("is opened without a request once it was fetched, and by other processes of the machine", async () => {
      await store.put("parts/clip/a", bytes);
      const files = await cache();
      expect(await opened(files)).toBe("payload");
      await store.remove(["parts/clip/a"]);
      expect(await opened(files)).toBe("payload");
      expect(await opened(await cache())).toBe("payload");
      expect({ heads, reads }).toEqual({ heads: 0, reads: ["parts/clip/a"] });
    });

    it.each(["another", "other bytes"])("is missing if the object has %j instead, which is not kept", async (other) => {
      await store.put("parts/clip/a", Buffer.from(other));
      await expect(opened(await cache())).rejects.toMatchObject({ code: "not_found" });
      expect(await copies()).toBe(0);
    });

    it("is fetched again if the copy is damaged", async () => {
      await store.put("parts/clip/a", bytes);
      const files = await cache();
      await opened(files);
      const [copy = ""] = await readdir(join(folder, "objects"));
      await writeFile(join(folder, "objects", copy), "damaged");
      expect(await opened(files)).toBe("damaged");
      expect(await opened(files, true)).toBe("payload");
      expect(await opened(files)).toBe("payload");
    });

    it("is adopted from the file that was written", async () => {
      const files = await cache();
      const path = await localFile();
      await files.adopt(path, "parts/clip/a", content);
      await expect(access(path)).rejects.toMatchObject({ code: "ENOENT" });
      expect(await opened(files)).toBe("payload");
      expect({ heads, reads }).toEqual({ heads: 0, reads: [] });
    });

    it("is not adopted without room for it", async () => {
      const files = await cache(bytes.length - 1);
      const path = await localFile();
      await files.adopt(path, "parts/clip/a", content);
      await expect(access(path)).rejects.toMatchObject({ code: "ENOENT" });
      expect(await copies()).toBe(0);
    });
  });

  it("evicts the least recently used copies, and little more than it needs", async () => {
    const files = await cache(10 * KIB);
    for (const [i, key] of ["a", "b", "c", "d", "e"].entries()) {
      await put(key, 2 * KIB);
      await use(files, key, 100 - i);
    }
    await use(files, "a", 1);
    await put("f", 2 * KIB);
    await use(files, "f"); // b is evicted for it, c in advance.
    expect(await copies()).toBe(4);
    reads = [];
    for (const key of ["a", "d", "e", "f"]) await use(files, key);
    expect(reads).toEqual([]);
    await use(files, "b");
    expect(reads).toEqual(["b"]);
  });

  it("keeps leased copies, and rejects files that then have no room", async () => {
    const files = await cache(10 * KIB);
    for (const key of ["a", "b", "c"]) await put(key, 4 * KIB);
    const first = await files.open("a");
    await utimes(first.path, 1, 1); // The oldest of all.
    await use(files, "b", 50);
    await use(files, "c");
    expect((await readFile(first.path)).equals(Buffer.alloc(4 * KIB, "a"))).toBe(true);
    reads = [];
    await use(files, "a");
    expect(reads).toEqual([]);
    await using second = await files.open("b");
    await expect(files.open("c")).rejects.toMatchObject({
      code: "exhausted",
      failure: { reason: expect.stringContaining(folder), remedy: expect.stringContaining("Raise") },
    });
    await first[Symbol.asyncDispose]();
    await use(files, "c");
    expect((await readFile(second.path)).equals(Buffer.alloc(4 * KIB, "b"))).toBe(true);
  });

  it("rejects a file that is larger than the cache", async () => {
    await put("a", 11 * KIB);
    const files = await cache(10 * KIB);
    await expect(files.open("a")).rejects.toMatchObject({ code: "precondition" });
    expect(reads).toEqual([]);
  });

  it("keeps leased bytes when the cache folder is emptied", async () => {
    await put("a", KIB);
    await using file = await (await cache()).open("a");
    await rm(join(folder, "objects"), { recursive: true });
    await mkdir(join(folder, "objects"));
    expect((await readFile(file.path)).equals(Buffer.alloc(KIB, "a"))).toBe(true);
  });

  it("fetches a truncated copy again", async () => {
    await put("a", KIB);
    const files = await cache();
    await use(files, "a");
    const [copy = ""] = await readdir(join(folder, "objects"));
    await truncate(join(folder, "objects", copy), 10);
    await using file = await files.open("a");
    expect((await readFile(file.path)).equals(Buffer.alloc(KIB, "a"))).toBe(true);
  });

  it.each([
    ["fewer", 5],
    ["more", 50],
  ])("keeps nothing of an object of which the store gives %s bytes than it has", async (_, given) => {
    await put("a", 10);
    const lying: BlobStore = {
      ...store,
      async *read() {
        yield Buffer.alloc(given);
      },
    };
    await expect((await cache(KIB, lying)).open("a")).rejects.toMatchObject({ code: "unavailable" });
    expect(await copies()).toBe(0);
  });

  it("continues for others when one caller gives up, and stops when all have", async () => {
    await put("a", 10);
    let [release, stopped] = [() => {}, 0];
    const slow: BlobStore = {
      ...store,
      async *read(_, io) {
        io?.signal?.addEventListener("abort", () => stopped++, { once: true });
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        yield Buffer.alloc(10, "a");
      },
    };
    const files = await cache(KIB, slow);
    const [first, second, third] = [0, 1, 2].map(() => new AbortController()) as [
      AbortController,
      AbortController,
      AbortController,
    ];
    const leaving = files.open("a", { signal: first.signal });
    const staying = files.open("a", { signal: second.signal });
    await expect.poll(() => filesIn(join(folder, "tmp"))).toBe(1);
    first.abort();
    await expect(leaving).rejects.toMatchObject({ name: "AbortError" });
    expect(stopped).toBe(0);
    release();
    await (await staying)[Symbol.asyncDispose]();
    await put("b", 10);
    const alone = files.open("b", { signal: third.signal });
    await expect.poll(() => filesIn(join(folder, "tmp"))).toBe(1);
    third.abort();
    await expect(alone).rejects.toMatchObject({ name: "AbortError" });
    expect(stopped).toBe(1);
    release();
    expect(await copies()).toBe(1);
  });

  it("counts files that another process fetches and holds, until that process is killed", async () => {
    for (const key of ["a", "b", "c"]) await put(key, 4 * KIB);
    const files = await cache(10 * KIB);
    await using other = ScriptProcess.start(`
      import { openFolderStore } from "./dist/blobs/folder-store.js";
      import { openCachedFiles } from "./dist/blobs/cached-files.js";
      const store = await openFolderStore(${JSON.stringify(join(parent, "store"))});
      const options = { folder: ${JSON.stringify(folder)}, maxBytes: ${10 * KIB} };
      const files = await openCachedFiles(store, options);
      await files.open("a");
      const hanging = { ...store, async *read() { console.log("fetching"); await new Promise(() => {}); } };
      setInterval(() => {}, 1000);
      await (await openCachedFiles(hanging, options)).open("b");
    `);
    expect(await other.line()).toBe("fetching");
    await expect(files.open("c")).rejects.toMatchObject({ code: "exhausted" });
    await other.kill();
    await use(files, "c");
    await use(files, "a");
    expect(reads).toEqual(["c"]); // The copy of the other process serves this one, too.
    expect(await readdir(join(folder, "tmp"))).toHaveLength(1);
  });

  it("names a full disk", async (context) => {
    await mkdir(folder);
    const mounted = await run("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]).catch(() => undefined);
    if (!mounted) return context.skip("this user may not mount");
    try {
      await put("a", 2 * KIB * KIB);
      await put("b", KIB);
      const files = await cache();
      await expect(files.open("a")).rejects.toMatchObject({
        code: "exhausted",
        failure: { reason: `Cannot use ${folder} as the cache: the disk is full.` },
      });
      await use(files, "b");
      expect(await copies()).toBe(1);
    } finally {
      await run("umount", ["--lazy", folder]);
      await mkdir(join(folder, "tmp"));
    }
  });
});
