import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readBytes } from "../read-bytes.js";
import type { Store } from "../store.js";
import { describeList } from "./list-contract.js";
import { describeLocalFiles } from "./local-files-contract.js";
import { describePutFiles, localFile } from "./put-files-contract.js";
import { chunks, describeStreams, pieces } from "./streams-contract.js";

/** A store under test; `leftovers` counts its files that are not under keys. */
export interface OpenedStore {
  store: Store;
  leftovers(): Promise<number>;
  close(): Promise<void>;
}

/** Contract of all stores. */
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

    it("returns the written bytes", async () => {
      await store.put("parts/clip/a.index", Buffer.from("index"));
      expect(await readBytes(store, "parts/clip/a.index")).toEqual(Buffer.from("index"));
      expect(await store.head("parts/clip/a.index")).toMatchObject({ sizeBytes: 5 });
    });

    it("distinguishes an empty object from a missing one", async () => {
      await store.put("plans/empty", Buffer.alloc(0));
      expect(await store.head("plans/empty")).toMatchObject({ sizeBytes: 0 });
      expect(await readBytes(store, "plans/empty")).toHaveLength(0);
    });

    it("names the missing key", async () => {
      expect(await store.head("sources/none")).toBeUndefined();
      await expect(readBytes(store, "sources/none")).rejects.toMatchObject({ code: "not_found" });
    });

    it("has no object at a prefix of a key", async () => {
      await store.put("parts/clip/a", Buffer.from("a"));
      expect(await store.head("parts/clip")).toBeUndefined();
      expect(await store.head("parts/clip/a/b")).toBeUndefined();
      await expect(readBytes(store, "parts/clip")).rejects.toMatchObject({ code: "not_found" });
    });

    describeList(() => ({ store }));

    describe("ranges", () => {
      beforeEach(async () => {
        await store.put("sources/a", Buffer.from("0123456789"));
      });

      it.each([
        [0, 10, "0123456789"],
        [3, 5, "34"],
        [9, 10, "9"],
        [5, 5, ""],
        [8, 100, "89"],
        [10, 11, ""],
        [50, 60, ""],
        [4, Number.POSITIVE_INFINITY, "456789"],
      ])("reads bytes %d to %d", async (start, end, expected) => {
        expect((await readBytes(store, "sources/a", { range: { start, end } })).toString()).toBe(expected);
      });

      it.each([
        [-1, 5],
        [5, 4],
        [Number.NaN, 5],
      ])("refuses %d to %d", async (start, end) => {
        const read = readBytes(store, "sources/a", { range: { start, end } });
        await expect(read).rejects.toMatchObject({ code: "invalid" });
      });

      it("fails for a missing key even with an empty range", async () => {
        const read = readBytes(store, "sources/none", { range: { start: 0, end: 0 } });
        await expect(read).rejects.toMatchObject({ code: "not_found" });
      });

      it("reads a large object in pieces, also from within a piece", async () => {
        const bytes = Buffer.alloc(3_000_000, "some bytes that repeat");
        await store.put("sources/large", bytes);
        expect((await readBytes(store, "sources/large")).equals(bytes)).toBe(true);
        const range = { start: 999_999, end: 2_500_001 };
        const part = await readBytes(store, "sources/large", { range });
        expect(part.equals(bytes.subarray(range.start, range.end))).toBe(true);
      });
    });

    describe("versions", () => {
      it("change exactly when the bytes do", async () => {
        await store.put("sources/a", Buffer.from("one"));
        const { version } = (await store.head("sources/a")) ?? {};
        expect(version).toEqual(expect.any(String));
        expect((await store.head("sources/a"))?.version).toBe(version);
        await store.put("sources/a", Buffer.from("two"));
        expect((await store.head("sources/a"))?.version).not.toBe(version);
      });
    });

    describe("an object that must not exist", () => {
      it("is written once, and not overwritten", async () => {
        const moved = await localFile(folder, Buffer.from("third"));
        expect(await store.put("plans/a", Buffer.from("first"), { ifAbsent: true })).toBe(true);
        expect(await store.put("plans/a", chunks("second"), { ifAbsent: true })).toBe(false);
        expect(await store.put("plans/a", { path: moved, move: true }, { ifAbsent: true })).toBe(false);
        expect((await readBytes(store, "plans/a")).toString()).toBe("first");
        await expect(stat(moved)).rejects.toMatchObject({ code: "ENOENT" });
      });

      it("is written by one of several racing writers, each of which learns whether it was the one", async () => {
        const letters = "abcdefgh".split("");
        const written = await Promise.all(
          letters.map((letter) => store.put("sources/new/a", pieces(letter, 20), { ifAbsent: true })),
        );
        expect(written.filter(Boolean)).toHaveLength(1);
        const winner = letters[written.indexOf(true)] ?? "";
        expect((await readBytes(store, "sources/new/a")).toString()).toBe(winner.repeat(20_000));
      });
    });

    it("responds to ping", async () => {
      await store.ping();
    });

    describe("a call that is cancelled before", () => {
      const signal = AbortSignal.abort();
      it.each<[string, () => Promise<unknown>]>([
        ["head", () => store.head("plans/a", { signal })],
        ["read", () => readBytes(store, "plans/a", { signal })],
        ["put", () => store.put("plans/b", Buffer.from("b"), { signal })],
        ["remove", () => store.remove(["plans/a"], { signal })],
        ["segments", () => store.segments("", { signal })],
        ["ping", () => store.ping({ signal })],
      ])("%s does nothing", async (_, call) => {
        await store.put("plans/a", Buffer.from("a"));
        await expect(call()).rejects.toMatchObject({ name: "AbortError" });
        expect(await store.head("plans/a")).toBeDefined();
        expect(await store.head("plans/b")).toBeUndefined();
      });
    });

    it("stops reading when it is cancelled", async () => {
      await store.put("sources/a", Buffer.alloc(5_000_000));
      const cancel = new AbortController();
      let read = 0;
      const reading = async () => {
        for await (const chunk of store.read("sources/a", { signal: cancel.signal })) {
          read += chunk.length;
          cancel.abort();
        }
      };
      await expect(reading()).rejects.toMatchObject({ name: "AbortError" });
      expect(read).toBeLessThan(5_000_000);
    });

    it("lists the next segments of keys", async () => {
      for (const key of ["tenants/acme/plans/a", "tenants/acme/sources/b", "tenants/other/plans/a", "measured/c"]) {
        await store.put(key, Buffer.from("x"));
      }
      expect((await store.segments("tenants")).sort()).toEqual(["acme", "other"]);
      expect((await store.segments("")).sort()).toEqual(["measured", "tenants"]);
      expect(await store.segments("parts")).toEqual([]);
      expect(await store.segments("measured/c")).toEqual([]);
    });

    it("gives the time of writing", async () => {
      const before = Date.now();
      await store.put("plans/a", Buffer.from("a"));
      const at = (await store.head("plans/a"))?.writtenAt.getTime() ?? 0;
      // Some stores keep seconds only, and clocks of machines differ.
      expect(Math.abs(at - before)).toBeLessThan(60_000);
    });

    it("removes many keys, including missing ones", async () => {
      const keys = Array.from({ length: 50 }, (_, i) => `plans/${i}`);
      for (const key of keys) await store.put(key, Buffer.from("a"));
      await store.remove([...keys.slice(1), "plans/none", "sources/none/at/all"]);
      await store.remove(keys.slice(1));
      await store.remove([]);
      expect(await store.segments("plans")).toEqual(["0"]);
    });

    it("removes nothing if one of the keys is invalid", async () => {
      await store.put("plans/a", Buffer.from("a"));
      await expect(store.remove(["plans/a", "../b"])).rejects.toMatchObject({ code: "invalid" });
      expect(await store.head("plans/a")).toBeDefined();
    });

    it.each(["", "/etc/passwd", "../a", "a/../b", "a/./b", "a//b", "a/", ".a", "a\\b", "a\0b", "a b", "é", "a\n"])(
      "refuses the key %j",
      async (key) => {
        await expect(store.put(key, Buffer.from("a"))).rejects.toMatchObject({ code: "invalid" });
        await expect(store.put(key, chunks("a"))).rejects.toMatchObject({ code: "invalid" });
        await expect(store.put(key, { path: await localFile(folder, Buffer.from("a")) })).rejects.toMatchObject({
          code: "invalid",
        });
        await expect(readBytes(store, key)).rejects.toMatchObject({ code: "invalid" });
        await expect(store.head(key)).rejects.toMatchObject({ code: "invalid" });
        await expect(store.remove([key])).rejects.toMatchObject({ code: "invalid" });
      },
    );

    describeStreams(() => ({ store }));
    describePutFiles(() => ({ store, folder }));
    describeLocalFiles(() => ({ store, files: store.files }));
  });
}
