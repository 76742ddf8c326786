import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readBytes } from "../read-bytes.js";
import type { Store } from "../store.js";

/** A file in a folder, to be taken in by a store. */
export async function localFile(folder: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, "file");
  await writeFile(path, bytes);
  return path;
}

/** What every store does with files of this machine. `opened`: the store of the test that runs, and a folder of its own. */
export function describePutFiles(opened: () => { store: Store; folder: string }): void {
  describe("local files", () => {
    it("takes one in and leaves it", async () => {
      const { store, folder } = opened();
      const path = await localFile(folder, Buffer.from("footage"));
      await store.put("sources/a", { path });
      expect((await readBytes(store, "sources/a")).toString()).toBe("footage");
      expect(await readFile(path, "utf8")).toBe("footage");
    });

    it("takes one in again", async () => {
      const { store, folder } = opened();
      const path = await localFile(folder, Buffer.from("footage"));
      await store.put("sources/a", { path });
      await store.put("sources/a", { path });
      expect((await readBytes(store, "sources/a")).toString()).toBe("footage");
    });

    it("has bytes of its own, which do not change when the file is written over in place", async () => {
      const { store, folder } = opened();
      const path = await localFile(folder, Buffer.from("footage"));
      await store.put("sources/a", { path });
      await writeFile(path, "written over");
      expect((await readBytes(store, "sources/a")).toString()).toBe("footage");
    });

    it("keeps nothing where what it copied has another hash", async () => {
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

    it("takes one over", async () => {
      const { store, folder } = opened();
      const path = await localFile(folder, Buffer.from("part"));
      await store.put("parts/clip/a", { path, move: true });
      expect((await readBytes(store, "parts/clip/a")).toString()).toBe("part");
      await expect(stat(path)).rejects.toMatchObject({ code: "ENOENT" });
    });

    it("takes in a stream of one, which has a path, too", async () => {
      const { store, folder } = opened();
      const path = await localFile(folder, Buffer.from("footage"));
      await store.put("sources/a", createReadStream(path, { start: 4 }));
      expect((await readBytes(store, "sources/a")).toString()).toBe("age");
    });

    it("takes in the file that a symbolic link names", async () => {
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

    it("keeps nothing of what is no file", async () => {
      const { store, folder } = opened();
      await expect(store.put("sources/a", { path: folder })).rejects.toMatchObject({ code: "invalid" });
      await expect(store.put("sources/a", { path: join(folder, "none") })).rejects.toMatchObject({
        code: "not_found",
      });
      expect(await store.head("sources/a")).toBeUndefined();
    });
  });
}
