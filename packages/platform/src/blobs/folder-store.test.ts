import {
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { markOf } from "../process/process-mark.js";
import { canSeparatePids, OTHER_PIDS } from "../process/testing/pid-namespace.js";
import { ScriptProcess } from "../process/testing/script-process.js";
import { findFolderStore, openFolderStore } from "./folder-store.js";
import { readBytes } from "./read-bytes.js";
import { filesIn } from "./testing/files-in.js";
import { describeStore } from "./testing/store-contract.js";

async function open(root?: string) {
  const folder = root ?? (await mkdtemp(join(tmpdir(), "polyreel-store-")));
  return {
    folder,
    store: await openFolderStore(folder),
    leftovers: () => filesIn(join(folder, "tmp")),
    close: () => rm(folder, { recursive: true }),
  };
}

describeStore("a folder as store", open);

describe("openFolderStore", () => {
  it("creates the folder", async () => {
    const parent = await mkdtemp(join(tmpdir(), "polyreel-store-"));
    const { store, close } = await open(join(parent, "deep", "store"));
    await store.put("plans/a", Buffer.from("a"));
    expect(await readFile(join(parent, "deep", "store", "plans", "a"), "utf8")).toBe("a");
    await close();
    await rm(parent, { recursive: true });
  });

  it("opens an existing store without changing it", async () => {
    const { folder, store, close } = await open();
    await store.put("plans/a", Buffer.from("a"));
    await rm(join(folder, ".format")); // As an earlier release left it.
    const found = await findFolderStore(folder);
    expect(found && (await readBytes(found, "plans/a")).toString()).toBe("a");
    expect((await readdir(folder)).sort()).toEqual(["plans", "tmp"]);
    const parent = await mkdtemp(join(tmpdir(), "polyreel-store-"));
    expect(await findFolderStore(parent)).toBeUndefined();
    expect(await findFolderStore(join(parent, "none"))).toBeUndefined();
    expect(await readdir(parent)).toEqual([]);
    await rm(parent, { recursive: true });
    await close();
  });

  it("writes its format, and rejects a later release's", async () => {
    const { folder, store, close } = await open();
    expect(await readFile(join(folder, ".format"), "utf8")).toBe("1\n");
    await openFolderStore(folder);
    await store.put("plans/a", Buffer.from("a"));
    for await (const { key } of store.list("")) expect(key).toBe("plans/a");
    await writeFile(join(folder, ".format"), "2\n");
    await expect(openFolderStore(folder)).rejects.toMatchObject({
      code: "precondition",
      failure: {
        reason: `The store in ${folder} has format 2, of a later release of Polyreel; this one reads up to 1.`,
        remedy: expect.stringContaining("Run the release that wrote it"),
      },
    });
    await close();
  });

  it("removes files of dead processes, or older than a day, and nothing else", async () => {
    const { folder, close } = await open();
    const [old, young] = [join(folder, "tmp", "old"), join(folder, "tmp", "young")];
    const orphaned = join(folder, "tmp", `${markOf({ token: "00000000" })}-a`);
    await mkdir(orphaned);
    for (const path of [old, young, join(orphaned, "a")]) await writeFile(path, "half");
    const dayAgo = Date.now() / 1000 - 25 * 3600;
    await utimes(old, dayAgo, dayAgo);
    await openFolderStore(folder);
    expect(await readdir(join(folder, "tmp"))).toEqual(["young"]);
    await close();
  });

  it.each([
    ["another process", []],
    ["a process of another pid namespace", OTHER_PIDS],
  ])("leaves what %s is writing, and removes it when that was killed", async (_, under) => {
    if (under.length > 0 && !canSeparatePids()) return;
    const { folder, leftovers, close } = await open();
    const writing = ScriptProcess.start(
      `
        import { openFolderStore } from "@polyreel/platform/blobs";
        const store = await openFolderStore(${JSON.stringify(folder)});
        await store.put("plans/a", (async function* () {
          yield Buffer.from("half");
          process.stdin.resume();
          for await (const _ of process.stdin) yield Buffer.from("whole");
        })());
        console.log("written");
      `,
      { under },
    );
    await expect.poll(leftovers, { timeout: 10_000 }).toBe(1);
    await openFolderStore(folder);
    expect(await leftovers()).toBe(1);
    await writing.kill();
    await expect
      .poll(async () => {
        await openFolderStore(folder);
        return leftovers();
      })
      .toBe(0);
    await close();
  });

  it("fails with a remedy if the folder cannot be created", async () => {
    const { folder, close } = await open();
    await writeFile(join(folder, "file"), "");
    await expect(openFolderStore(join(folder, "file"))).rejects.toMatchObject({
      code: "conflict",
      failure: { reason: expect.stringContaining(folder), remedy: expect.stringContaining("another folder") },
    });
    await close();
  });

  it("is unavailable without its disk: neither read as empty nor filled", async () => {
    const { folder, store, close } = await open();
    await store.put("parts/clip/a", Buffer.from("a"));
    const elsewhere = `${folder}-elsewhere`;
    const notMounted = { code: "unavailable", failure: { reason: `The store in ${folder} is not mounted.` } };
    const listed = async () => {
      for await (const _ of store.list("parts/"));
    };
    const listedAll = async () => {
      for await (const _ of store.list(""));
    };
    await rename(folder, elsewhere);
    // As a missing folder, and as a mount point without a disk.
    for (const prepare of [async () => {}, () => mkdir(folder)]) {
      await prepare();
      await expect(store.head("parts/clip/a")).rejects.toMatchObject(notMounted);
      await expect(readBytes(store, "parts/clip/a")).rejects.toMatchObject(notMounted);
      await expect(store.files.open("parts/clip/a")).rejects.toMatchObject(notMounted);
      await expect(store.remove(["parts/clip/a"])).rejects.toMatchObject(notMounted);
      await expect(listed()).rejects.toMatchObject(notMounted);
      await expect(listedAll()).rejects.toMatchObject(notMounted);
      await expect(store.segments("")).rejects.toMatchObject(notMounted);
      await expect(store.ping()).rejects.toMatchObject(notMounted);
      await expect(store.put("parts/clip/b", Buffer.from("b"))).rejects.toMatchObject(notMounted);
    }
    expect(await readdir(folder)).toEqual([]);
    await rm(folder, { recursive: true });
    await rename(elsewhere, folder);
    expect((await readBytes(store, "parts/clip/a")).toString()).toBe("a");
    await store.remove(["parts/clip/a"]);
    await store.remove(["parts/clip/a"]); // A repeat does nothing.
    expect(await store.head("parts/clip/a")).toBeUndefined();
    await close();
  });

  it("gives no version for a file with a second hard link", async () => {
    const { folder, store, close } = await open();
    await store.put("sources/a", Buffer.from("a"));
    await link(join(folder, "sources", "a"), join(folder, "sources", "b"));
    expect(await store.head("sources/a")).toEqual({
      key: "sources/a",
      sizeBytes: 1,
      writtenAt: expect.any(Date),
      version: undefined,
    });
    await close();
  });

  it("lists no temporary files", async () => {
    const { store, close } = await open();
    async function* listing() {
      yield Buffer.from("a");
      for (const prefix of ["", "t", "tmp/"]) for await (const { key } of store.list(prefix)) expect.fail(key);
      expect(await store.segments("")).toEqual([]);
    }
    await store.put("plans/a", listing());
    await close();
  });

  it("rejects keys under the temporary folder", async () => {
    const { store, close } = await open();
    await expect(store.put("tmp/a", Buffer.from("a"))).rejects.toMatchObject({ code: "invalid" });
    await expect(store.put("tmp", Buffer.from("a"))).rejects.toMatchObject({ code: "invalid" });
    await close();
  });

  it("copies or moves a file from another file system", async (context) => {
    const { folder, store, close } = await open();
    const elsewhere = await mkdtemp("/dev/shm/polyreel-").catch(() => undefined);
    if (!elsewhere || (await stat(elsewhere)).dev === (await stat(folder)).dev)
      return context.skip("there is no second file system");
    await writeFile(join(elsewhere, "kept"), "kept");
    await writeFile(join(elsewhere, "moved"), "moved");
    await store.put("sources/kept", { path: join(elsewhere, "kept") });
    await store.put("sources/moved", { path: join(elsewhere, "moved"), move: true });
    expect((await readBytes(store, "sources/kept")).toString()).toBe("kept");
    expect((await readBytes(store, "sources/moved")).toString()).toBe("moved");
    expect(await readdir(elsewhere)).toEqual(["kept"]);
    await rm(elsewhere, { recursive: true });
    await close();
  });

  it("works with a symbolic link to the folder", async () => {
    const { folder, close } = await open();
    await mkdir(join(folder, "real"));
    await symlink("real", join(folder, "link"));
    const store = await openFolderStore(join(folder, "link"));
    await store.put("plans/a", Buffer.from("a"));
    expect(await readFile(join(folder, "real", "plans", "a"), "utf8")).toBe("a");
    await close();
  });

  it("fails if a file is in place of a key's folder", async () => {
    const { folder, store, close } = await open();
    await writeFile(join(folder, "plans"), "");
    await expect(store.put("plans/a", Buffer.from("a"))).rejects.toMatchObject({ code: "conflict" });
    await store.put("parts/clip/a", Buffer.from("a"));
    for (const io of [{}, { ifAbsent: true }] as const) {
      await expect(store.put("parts/clip", Buffer.from("b"), io)).rejects.toMatchObject({ code: "conflict" });
    }
    expect(await filesIn(join(folder, "tmp"))).toBe(0);
    await close();
  });
});
