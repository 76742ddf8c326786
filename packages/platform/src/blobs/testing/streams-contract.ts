import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import { PolyreelError } from "../../errors.js";
import { readBytes } from "../read-bytes.js";
import type { Store } from "../store.js";

/** Contract of stores for bytes that arrive as a stream. `opened`: the current test's store. */
export function describeStreams(opened: () => { store: Store }): void {
  describe("streams", () => {
    let store: Store;
    beforeEach(() => {
      store = opened().store;
    });

    it("writes one with the expected size and hash", async () => {
      const sha256 = createHash("sha256").update("onetwo").digest("hex");
      expect(await store.put("sources/a", chunks("one", "two"), { sha256, maxBytes: 6 })).toBe(true);
      expect((await readBytes(store, "sources/a")).toString()).toBe("onetwo");
    });

    it("keeps nothing of unexpected bytes", async () => {
      const sha256 = createHash("sha256").update("other").digest("hex");
      await expect(store.put("sources/a", chunks("one"), { sha256 })).rejects.toMatchObject({
        code: "invalid",
      });
      expect(await store.head("sources/a")).toBeUndefined();
    });

    it("stops reading beyond the limit, and keeps nothing", async () => {
      let given = 0;
      async function* endless() {
        for (;;) {
          given++;
          yield Buffer.alloc(1024);
        }
      }
      await expect(store.put("sources/a", endless(), { maxBytes: 10_000 })).rejects.toMatchObject({
        code: "invalid",
      });
      expect(given).toBeLessThan(100);
      expect(await store.head("sources/a")).toBeUndefined();
    });

    it("keeps nothing of a stream that fails", async () => {
      async function* failing() {
        yield Buffer.from("some");
        throw new Error("the line broke");
      }
      await expect(store.put("sources/a", failing())).rejects.toThrow("the line broke");
      expect(await store.head("sources/a")).toBeUndefined();
    });

    it("releases a hanging stream when it is cancelled", async () => {
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
      await expect(store.put("sources/a", hanging(), { signal: cancel.signal })).rejects.toMatchObject({
        name: "AbortError",
      });
      expect(await store.head("sources/a")).toBeUndefined();
      await expect.poll(() => released).toBe(true);
    });

    it("is not blocked by a stream that never ends and ignores the signal", async () => {
      const cancel = new AbortController();
      const deaf: AsyncIterable<Uint8Array> = {
        [Symbol.asyncIterator]: () => ({ next: () => new Promise<IteratorResult<Uint8Array>>(() => {}) }),
      };
      setTimeout(() => cancel.abort(), 20);
      await expect(store.put("sources/a", deaf, { signal: cancel.signal })).rejects.toMatchObject({
        name: "AbortError",
      });
    });

    it("starts nothing if cancelled before", async () => {
      await expect(store.put("sources/a", chunks("one"), { signal: AbortSignal.abort() })).rejects.toMatchObject({
        name: "AbortError",
      });
      expect(await store.head("sources/a")).toBeUndefined();
    });

    it("gives each reader the complete bytes of one writer", async () => {
      const all = "abcdefgh".split("");
      await Promise.all(all.map((letter) => store.put("sources/a", pieces(letter, 50))));
      const bytes = (await readBytes(store, "sources/a")).toString();
      expect(all.map((letter) => letter.repeat(50_000))).toContain(bytes);
    });

    it("gives readers the complete old or new object", async () => {
      await store.put("sources/a", pieces("o", 50));
      const writing = store.put("sources/a", pieces("n", 50));
      const seen = new Set<string | undefined>();
      let busy = true;
      void writing.finally(() => {
        busy = false;
      });
      // Where a connection broke, the rest may be of the new object by then: that is refused, not mixed.
      const refused = (error: unknown) => {
        if (!(error instanceof PolyreelError) || !error.message.includes("another version")) throw error;
      };
      while (busy) seen.add((await readBytes(store, "sources/a").catch(refused))?.toString());
      await writing;
      for (const bytes of seen) expect(["o".repeat(50_000), "n".repeat(50_000), undefined]).toContain(bytes);
    });
  });

  describe("streams under their own hash", () => {
    let store: Store;
    beforeEach(() => {
      store = opened().store;
    });

    const sha256 = createHash("sha256").update("onetwo").digest("hex");

    it("writes one and returns its hash and size", async () => {
      expect(await store.putHashed("sources", chunks("one", "two"), { maxBytes: 6 })).toEqual({
        sha256,
        sizeBytes: 6,
        written: true,
      });
      expect((await readBytes(store, `sources/${sha256}`)).toString()).toBe("onetwo");
    });

    it("leaves an existing object as it is, if asked to", async () => {
      await store.putHashed("sources", chunks("onetwo"), { ifAbsent: true });
      const { version } = (await store.head(`sources/${sha256}`)) ?? {};
      const again = await store.putHashed("sources", chunks("one", "two"), { ifAbsent: true });
      expect(again).toEqual({ sha256, sizeBytes: 6, written: false });
      expect((await store.head(`sources/${sha256}`))?.version).toBe(version);
    });

    it("writes the same bytes again, and repairs a damaged object", async () => {
      await store.put(`sources/${sha256}`, Buffer.from("damaged"));
      await Promise.all(["onetwo", "onetwo"].map((text) => store.putHashed("sources", chunks(text))));
      expect((await readBytes(store, `sources/${sha256}`)).toString()).toBe("onetwo");
    });

    it("keeps nothing of a stream that fails, is too long or is cancelled", async () => {
      async function* failing() {
        yield Buffer.from("onetwo");
        throw new Error("the line broke");
      }
      await expect(store.putHashed("sources", failing())).rejects.toThrow("the line broke");
      await expect(store.putHashed("sources", chunks("one", "two"), { maxBytes: 5 })).rejects.toMatchObject({
        code: "invalid",
      });
      const cancelled = { signal: AbortSignal.abort() };
      await expect(store.putHashed("sources", chunks("one", "two"), cancelled)).rejects.toMatchObject({
        name: "AbortError",
      });
      expect(await store.head(`sources/${sha256}`)).toBeUndefined();
    });

    it.each(["", "/sources", "..", "a/..", "a b"])("refuses the prefix %j, and reads nothing", async (prefix) => {
      let read = false;
      async function* noticing() {
        read = true;
        yield Buffer.from("onetwo");
      }
      await expect(store.putHashed(prefix, noticing())).rejects.toMatchObject({ code: "invalid" });
      expect(read).toBe(false);
    });
  });
}

export async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

/** Pieces of 1000 bytes, yielding to the event loop in between. */
export async function* pieces(letter: string, count: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < count; i++) {
    yield Buffer.alloc(1000, letter);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
