import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Store } from "../store.js";
import { describeLocalFiles, localFile } from "./local-files-contract.js";

/** A store under test; `leftovers` counts what lies anywhere in it but under keys. */
export interface OpenedStore {
  store: Store;
  leftovers(): Promise<number>;
  close(): Promise<void>;
}

/** What every store does, whatever it is made of. */
export function describeStore(name: string, openStore: () => Promise<OpenedStore>): void {
  describe(name, () => {
    let opened: OpenedStore;
    let store: Store;
    let folder: string;
    beforeEach(async () => {
      opened = await openStore();
      store = opened.store;
      folder = await mkdtemp(join(tmpdir(), "polyreel-test-"));
    });
    afterEach(async () => {
      const leftovers = await opened.leftovers();
      await opened.close();
      await rm(folder, { recursive: true });
      expect(leftovers).toBe(0);
    });

    it("gives back what was written", async () => {
      await store.write("parts/clip/a.index", Buffer.from("index"));
      expect(await store.read("parts/clip/a.index")).toEqual(Buffer.from("index"));
      expect(await store.stat("parts/clip/a.index")).toMatchObject({ sizeBytes: 5 });
      expect(await readFile(await store.localPath("parts/clip/a.index"), "utf8")).toBe("index");
    });

    it("keeps an empty object apart from a missing one", async () => {
      await store.write("plans/empty", Buffer.alloc(0));
      expect(await store.stat("plans/empty")).toMatchObject({ sizeBytes: 0 });
      expect(await store.read("plans/empty")).toHaveLength(0);
    });

    it("says what is missing", async () => {
      expect(await store.stat("sources/none")).toBeUndefined();
      await expect(store.read("sources/none")).rejects.toMatchObject({ code: "not_found" });
      await expect(store.localPath("sources/none")).rejects.toMatchObject({ code: "not_found" });
    });

    it("has no object where a key only begins", async () => {
      await store.write("parts/clip/a", Buffer.from("a"));
      expect(await store.stat("parts/clip")).toBeUndefined();
      expect(await store.stat("parts/clip/a/b")).toBeUndefined();
      await expect(store.localPath("parts/clip")).rejects.toMatchObject({ code: "not_found" });
      await expect(store.read("parts/clip")).rejects.toMatchObject({ code: "not_found" });
    });

    it("lists what lies under a prefix, and nothing in the making", async () => {
      const keys = ["parts/clip/a", "parts/clip/a.index", "parts/clips/b", "plans/c"];
      for (const key of keys) await store.write(key, Buffer.from("x"));
      const listed = async (prefix: string) => {
        const found: string[] = [];
        for await (const key of store.list(prefix)) found.push(key);
        return found.sort();
      };
      expect(await listed("")).toEqual(keys);
      expect(await listed("parts/clip")).toEqual(["parts/clip/a", "parts/clip/a.index"]);
      expect(await listed("sources")).toEqual([]);
    });

    it("tells the next segments of keys", async () => {
      for (const key of ["tenants/acme/plans/a", "tenants/acme/sources/b", "tenants/other/plans/a", "measured/c"]) {
        await store.write(key, Buffer.from("x"));
      }
      expect((await store.segments("tenants")).sort()).toEqual(["acme", "other"]);
      expect((await store.segments("")).sort()).toEqual(["measured", "tenants"]);
      expect(await store.segments("parts")).toEqual([]);
      expect(await store.segments("measured/c")).toEqual([]);
    });

    it("tells when something was used last", async () => {
      await store.write("parts/pcm/a", Buffer.from("a"));
      const written = (await store.stat("parts/pcm/a"))?.usedAt.getTime() ?? 0;
      await expect
        .poll(async () => {
          await store.touch("parts/pcm/a");
          return (await store.stat("parts/pcm/a"))?.usedAt.getTime();
        })
        .toBeGreaterThan(written);
      await store.touch("parts/pcm/none");
      expect(await store.stat("parts/pcm/none")).toBeUndefined();
    });

    it("removes, also what is not there", async () => {
      await store.write("plans/a", Buffer.from("a"));
      await store.remove("plans/a");
      await store.remove("plans/a");
      expect(await store.stat("plans/a")).toBeUndefined();
    });

    it.each(["", "/etc/passwd", "../a", "a/../b", "a/./b", "a//b", "a/", ".a", "a\\b", "a\0b", "a b", "é", "a\n"])(
      "refuses the key %j",
      async (key) => {
        await expect(store.write(key, Buffer.from("a"))).rejects.toMatchObject({ code: "invalid" });
        await expect(store.writeStream(key, chunks("a"))).rejects.toMatchObject({ code: "invalid" });
        await expect(store.writeFile(key, await localFile(folder, Buffer.from("a")))).rejects.toMatchObject({
          code: "invalid",
        });
        await expect(store.read(key)).rejects.toMatchObject({ code: "invalid" });
        await expect(store.stat(key)).rejects.toMatchObject({ code: "invalid" });
        await expect(store.localPath(key)).rejects.toMatchObject({ code: "invalid" });
        await expect(store.remove(key)).rejects.toMatchObject({ code: "invalid" });
        await expect(store.touch(key)).rejects.toMatchObject({ code: "invalid" });
      },
    );

    describe("streams", () => {
      it("writes one and tells its size", async () => {
        const sha256 = createHash("sha256").update("onetwo").digest("hex");
        expect(await store.writeStream("sources/a", chunks("one", "two"), { sha256, maxBytes: 6 })).toEqual({
          sizeBytes: 6,
        });
        expect((await store.read("sources/a")).toString()).toBe("onetwo");
      });

      it("keeps nothing of bytes that are not those announced", async () => {
        const sha256 = createHash("sha256").update("other").digest("hex");
        await expect(store.writeStream("sources/a", chunks("one"), { sha256 })).rejects.toMatchObject({
          code: "invalid",
        });
        expect(await store.stat("sources/a")).toBeUndefined();
      });

      it("stops reading beyond the limit, and keeps nothing", async () => {
        let given = 0;
        async function* endless() {
          for (;;) {
            given++;
            yield Buffer.alloc(1024);
          }
        }
        await expect(store.writeStream("sources/a", endless(), { maxBytes: 10_000 })).rejects.toMatchObject({
          code: "invalid",
        });
        expect(given).toBeLessThan(100);
        expect(await store.stat("sources/a")).toBeUndefined();
      });

      it("keeps nothing of a stream that fails", async () => {
        async function* failing() {
          yield Buffer.from("some");
          throw new Error("the line broke");
        }
        await expect(store.writeStream("sources/a", failing())).rejects.toThrow("the line broke");
        expect(await store.stat("sources/a")).toBeUndefined();
      });

      it("lets go of a stream that hangs when it is cancelled", async () => {
        const cancel = new AbortController();
        let released = false;
        async function* hanging() {
          try {
            yield Buffer.from("some");
            setTimeout(() => cancel.abort(), 20);
            await delay(60_000, undefined, { signal: cancel.signal });
          } finally {
            released = true;
          }
        }
        await expect(store.writeStream("sources/a", hanging(), { signal: cancel.signal })).rejects.toMatchObject({
          name: "AbortError",
        });
        expect(await store.stat("sources/a")).toBeUndefined();
        await expect.poll(() => released).toBe(true);
      });

      it("is not held up by a stream that never ends and knows of no signal", async () => {
        const cancel = new AbortController();
        const deaf: AsyncIterable<Uint8Array> = {
          [Symbol.asyncIterator]: () => ({ next: () => new Promise<IteratorResult<Uint8Array>>(() => {}) }),
        };
        setTimeout(() => cancel.abort(), 20);
        await expect(store.writeStream("sources/a", deaf, { signal: cancel.signal })).rejects.toMatchObject({
          name: "AbortError",
        });
      });

      it("starts nothing when cancelled before", async () => {
        await expect(
          store.writeStream("sources/a", chunks("one"), { signal: AbortSignal.abort() }),
        ).rejects.toMatchObject({ name: "AbortError" });
        expect(await store.stat("sources/a")).toBeUndefined();
      });

      it("gives each reader one writer's bytes whole", async () => {
        const all = "abcdefgh".split("");
        await Promise.all(all.map((letter) => store.writeStream("sources/a", pieces(letter, 50))));
        const bytes = (await store.read("sources/a")).toString();
        expect(all.map((letter) => letter.repeat(50_000))).toContain(bytes);
      });

      it("shows readers the old object or the new one, never less", async () => {
        await store.writeStream("sources/a", pieces("o", 50));
        const writing = store.writeStream("sources/a", pieces("n", 50));
        const seen = new Set<string>();
        let busy = true;
        void writing.finally(() => {
          busy = false;
        });
        while (busy) seen.add((await store.read("sources/a")).toString());
        await writing;
        for (const bytes of seen) expect(["o".repeat(50_000), "n".repeat(50_000)]).toContain(bytes);
      });
    });

    describe("streams under their own hash", () => {
      const sha256 = createHash("sha256").update("onetwo").digest("hex");

      it("writes one and tells its hash and size", async () => {
        expect(await store.writeHashed("sources", chunks("one", "two"), { maxBytes: 6 })).toEqual({
          sha256,
          sizeBytes: 6,
        });
        expect((await store.read(`sources/${sha256}`)).toString()).toBe("onetwo");
      });

      it("writes the same bytes again, and mends what lies there", async () => {
        await store.write(`sources/${sha256}`, Buffer.from("damaged"));
        await Promise.all(["onetwo", "onetwo"].map((text) => store.writeHashed("sources", chunks(text))));
        expect((await store.read(`sources/${sha256}`)).toString()).toBe("onetwo");
      });

      it("keeps nothing of a stream that fails, is too long or is cancelled", async () => {
        async function* failing() {
          yield Buffer.from("onetwo");
          throw new Error("the line broke");
        }
        await expect(store.writeHashed("sources", failing())).rejects.toThrow("the line broke");
        await expect(store.writeHashed("sources", chunks("one", "two"), { maxBytes: 5 })).rejects.toMatchObject({
          code: "invalid",
        });
        const cancelled = { signal: AbortSignal.abort() };
        await expect(store.writeHashed("sources", chunks("one", "two"), cancelled)).rejects.toMatchObject({
          name: "AbortError",
        });
        expect(await store.stat(`sources/${sha256}`)).toBeUndefined();
      });

      it.each(["", "/sources", "..", "a/..", "a b"])("refuses the prefix %j, and reads nothing", async (prefix) => {
        let read = false;
        async function* noticing() {
          read = true;
          yield Buffer.from("onetwo");
        }
        await expect(store.writeHashed(prefix, noticing())).rejects.toMatchObject({ code: "invalid" });
        expect(read).toBe(false);
      });
    });

    describeLocalFiles(() => ({ store, folder }));
  });
}

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

/** 1000 bytes a piece, giving way in between. */
async function* pieces(letter: string, count: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < count; i++) {
    yield Buffer.alloc(1000, letter);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
