import { lstat, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { IN_PLACE, POOLED } from "./disk.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-disk-"));
});
afterEach(() => rm(folder, { recursive: true }));

const at = (name: string) => join(folder, name);

describe.each([
  ["pooled", POOLED],
  ["in place", IN_PLACE],
])("calls made %s", (_name, disk) => {
  it("stats files and links themselves, and returns undefined for missing paths", async () => {
    await writeFile(at("a"), "abc");
    await symlink("a", at("link"));
    expect((await disk.lstat(at("a")))?.size).toBe(3n);
    expect((await disk.lstat(at("link")))?.isSymbolicLink()).toBe(true);
    expect(await disk.lstat(at("missing"))).toBeUndefined();
    expect(await disk.realpath(at("link"))).toBe(at("a"));
  });

  it("reject instead of throwing synchronously", async () => {
    await writeFile(at("a"), "abc");
    const calls = [
      () => disk.realpath(at("missing")),
      () => disk.rename(at("missing"), at("b")),
      () => disk.unlink(at("missing")),
      () => disk.link(at("missing"), at("b")),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: "ENOENT" });
    await expect(disk.create(at("a"), "other")).rejects.toMatchObject({ code: "EEXIST" });
    await expect(disk.link(at("a"), at("a"))).rejects.toMatchObject({ code: "EEXIST" });
    await expect(disk.write(at("a"), async () => {})).rejects.toMatchObject({ code: "EEXIST" });
    expect(await readFile(at("a"), "utf8")).toBe("abc");
  });

  it("returns the stats of a written file", async () => {
    const stats = await disk.write(at("a"), async (file) => {
      await file.writev([Buffer.from("ab"), Buffer.from("c")]);
      await file.writev([Buffer.from("d")]);
    });
    expect(await readFile(at("a"), "utf8")).toBe("abcd");
    const { size, mtimeNs, ino } = await lstat(at("a"), { bigint: true });
    expect(stats).toMatchObject({ size, mtimeNs, ino });
  });

  it("closes a file whose writing fails", async () => {
    let append = (_buffers: readonly Uint8Array[]): Promise<unknown> => Promise.resolve();
    const writing = disk.write(at("a"), async (file) => {
      append = (buffers) => file.writev(buffers);
      throw new Error("gone");
    });
    await expect(writing).rejects.toThrow("gone");
    await expect(append([Buffer.from("late")])).rejects.toMatchObject({ code: "EBADF" });
    expect(await readFile(at("a"), "utf8")).toBe("");
  });
});
