import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readBytes } from "../read-bytes.js";
import type { Store } from "../store.js";

/** A file in a folder, to be put into a store. */
export async function localFile(folder: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, "file");
  await writeFile(path, bytes);
  return path;
}

/** Contract of stores for local files. `opened`: the current test's store and folder. */
export function describePutFiles(opened: () => { store: Store; folder: string }): void {
  describe("local files", () => {
    it("copies a file", async () => {
      const { store, folder } = opened();
      const path = await localFile(folder, Buffer.from("footage"));
      await store.put("sources/a", { path });
      expect((await readBytes(store, "sources/a")).toString()).toBe("footage");
      expect(await readFile(path, "utf8")).toBe("footage");
    });

    it("copies a file again", async () => {
      const { store, folder } = opened();
      const path = await localFile(folder, Buffer.from("footage"));
      await store.put("sources/a", { path });
      await store.put("sources/a", { path });
      expect((await readBytes(store, "sources/a")).toString()).toBe("footage");
    });

    it("has its own bytes, which do not change when the file is overwritten in place", async () => {
      const { store, folder } = opened();
      const path = await localFile(folder, Buffer.from("footage"));
      await store.put("sources/a", { path });
      await writeFile(path, "written over");
      expect((await readBytes(store, "sources/a")).toString()).toBe("footage");
    });

    it("keeps nothing if the copy has another hash", async () => {
      const { store, folder } = opened();
      const path = await localFile(folder, Buffer.from("footage"));
      const sha256 = createHash("sha256").update("footage").digest("hex");
      await store.put("sources/a", { path }, { sha256 });
      await writeFile(path, "written over");
      await expect(store.put("sources/b", { path }, { sha256 })).rejects.toMatchObject({ code: "invalid" });
      expect(await store.head("sources/b")).toBeUndefined();
    });

    it("stops copying when it is cancelled", async () => {
      const { store, folder } = opened();
      const path = await localFile(folder, Buffer.from("footage"));
      const signal = AbortSignal.abort();
      await expect(store.put("sources/a", { path }, { signal })).rejects.toMatchObject({ name: "AbortError" });
      expect(await store.head("sources/a")).toBeUndefined();
    });

    it("survives the file's removal", async () => {
      const { store, folder } = opened();
      const path = await localFile(folder, Buffer.from("footage"));
      await store.put("sources/a", { path });
      await rm(path);
      expect((await readBytes(store, "sources/a")).toString()).toBe("footage");
    });

    it("moves a file", async () => {
      const { store, folder } = opened();
      const path = await localFile(folder, Buffer.from("part"));
      await store.put("parts/clip/a", { path, move: true });
      expect((await readBytes(store, "parts/clip/a")).toString()).toBe("part");
      await expect(stat(path)).rejects.toMatchObject({ code: "ENOENT" });
    });

    it("puts a stream of a file, which has a path, too", async () => {
      const { store, folder } = opened();
      const path = await localFile(folder, Buffer.from("footage"));
      await store.put("sources/a", createReadStream(path, { start: 4 }));
      expect((await readBytes(store, "sources/a")).toString()).toBe("age");
    });

    it("copies the target of a symbolic link", async () => {
      const { store, folder } = opened();
      await localFile(folder, Buffer.from("footage"));
      await symlink("file", join(folder, "link"));
      await store.put("sources/a", { path: join(folder, "link") });
      await store.put("sources/b", { path: join(folder, "link"), move: true });
      await rm(join(folder, "file"));
      expect((await readBytes(store, "sources/a")).toString()).toBe("footage");
      expect((await readBytes(store, "sources/b")).toString()).toBe("footage");
      await expect(stat(join(folder, "link"))).rejects.toMatchObject({ code: "ENOENT" });
    });

    it("rejects paths that are not files, and keeps nothing", async () => {
      const { store, folder } = opened();
      await expect(store.put("sources/a", { path: folder })).rejects.toMatchObject({ code: "invalid" });
      await expect(store.put("sources/a", { path: join(folder, "none") })).rejects.toMatchObject({
        code: "not_found",
      });
      expect(await store.head("sources/a")).toBeUndefined();
    });
  });
}
