import { beforeEach, describe, expect, it } from "vitest";
import type { Store } from "../store.js";

/** Contract of stores for listing keys. `opened`: the current test's store. */
export function describeList(opened: () => { store: Store }): void {
  describe("list", () => {
    let store: Store;
    beforeEach(() => {
      store = opened().store;
    });

    const keys = ["parts/clip/a", "parts/clip/a.index", "parts/clip-2/b", "parts/clips/b", "plans/b1-c", "plans/b12-c"];
    const listed = async (prefix: string, after?: string) => {
      const found: string[] = [];
      for await (const { key } of store.list(prefix, after === undefined ? {} : { after })) found.push(key);
      return found;
    };
    beforeEach(async () => {
      for (const key of keys.toReversed()) await store.put(key, Buffer.from(key));
    });

    it.each([
      ["", [2, 0, 1, 3, 4, 5]],
      ["parts/clip/", [0, 1]],
      ["parts/clip", [2, 0, 1, 3]],
      ["parts/clip/a.", [1]],
      ["plans/b1-", [4]],
      ["sources/", []],
      ["parts/clip/a/", []],
    ])("lists the keys with the prefix %j in order, without temporary files", async (prefix, expected) => {
      expect(await listed(prefix)).toEqual(expected.map((i) => keys[i]));
    });

    it("continues after any key", async () => {
      const all = await listed("");
      for (const [i, key] of all.entries()) expect(await listed("", key)).toEqual(all.slice(i + 1));
      expect(await listed("parts/", "parts/clip/a")).toEqual(["parts/clip/a.index", "parts/clips/b"]);
      expect(await listed("", "parts/clip/a.b")).toEqual(all.slice(2)); // A key that does not exist.
      expect(await listed("plans/", "parts/z")).toEqual(["plans/b1-c", "plans/b12-c"]);
    });

    it("gives the same as `head`", async () => {
      for await (const info of store.list("")) {
        expect(info).toEqual(await store.head(info.key));
        expect(info.sizeBytes).toBe(info.key.length);
        expect(Math.abs(Date.now() - info.writtenAt.getTime())).toBeLessThan(60_000);
      }
    });

    it("stops when it is cancelled", async () => {
      const cancel = new AbortController();
      const all = async () => {
        for await (const _ of store.list("", { signal: cancel.signal })) cancel.abort();
      };
      await expect(all()).rejects.toMatchObject({ name: "AbortError" });
    });

    it.each(["/", "../", "parts//", "a b", "."])("refuses the prefix %j", async (prefix) => {
      await expect(listed(prefix)).rejects.toMatchObject({ code: "invalid" });
    });
  });
}
