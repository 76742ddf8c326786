import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { LocalFiles } from "../local-files.js";
import type { BlobStore } from "../store.js";

/** Contract of local files. `opened`: the current test's local files and their store. */
export function describeLocalFiles(opened: () => { store: BlobStore; files: LocalFiles }): void {
  describe("objects as local files", () => {
    it("have the objects' bytes", async () => {
      const { store, files } = opened();
      const bytes = Buffer.alloc(3_000_000, "footage");
      await store.put("sources/a", bytes);
      await store.put("sources/empty", Buffer.alloc(0));
      await using file = await files.open("sources/a");
      await using empty = await files.open("sources/empty");
      expect((await readFile(file.path)).equals(bytes)).toBe(true);
      expect((await readFile(empty.path)).length).toBe(0);
    });

    it("can be opened several times at once, each until it is disposed of", async () => {
      const { store, files } = opened();
      await store.put("sources/a", Buffer.from("footage"));
      const [first, ...others] = await Promise.all(Array.from({ length: 10 }, () => files.open("sources/a")));
      for (const other of others) await other[Symbol.asyncDispose]();
      for (const other of others) await other[Symbol.asyncDispose](); // A repeat does nothing.
      expect(await readFile(first?.path ?? "", "utf8")).toBe("footage");
      await first?.[Symbol.asyncDispose]();
      await using again = await files.open("sources/a");
      expect(await readFile(again.path, "utf8")).toBe("footage");
    });

    it("have the object's current bytes when they are opened", async () => {
      const { store, files } = opened();
      await store.put("sources/a", Buffer.from("first"));
      await (await files.open("sources/a"))[Symbol.asyncDispose]();
      await store.put("sources/a", Buffer.from("other"));
      await using file = await files.open("sources/a");
      expect(await readFile(file.path, "utf8")).toBe("other");
      await store.remove(["sources/a"]);
      await expect(files.open("sources/a")).rejects.toMatchObject({ code: "not_found" });
    });

    it("do not exist without an object", async () => {
      const { store, files } = opened();
      await store.put("parts/clip/a", Buffer.from("a"));
      for (const key of ["parts/clip", "parts/clip/b", "sources/none"]) {
        await expect(files.open(key)).rejects.toMatchObject({ code: "not_found" });
      }
      for (const key of ["", "../a", "/etc/passwd"]) {
        await expect(files.open(key)).rejects.toMatchObject({ code: "invalid" });
      }
    });

    it("are not opened if cancelled before", async () => {
      const { store, files } = opened();
      await store.put("sources/a", Buffer.from("a"));
      await expect(files.open("sources/a", { signal: AbortSignal.abort() })).rejects.toMatchObject({
        name: "AbortError",
      });
    });
  });
}
