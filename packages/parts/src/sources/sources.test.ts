import { createHash } from "node:crypto";
import { link, mkdir, mkdtemp, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { makeFile } from "@polyreel/media/testing";
import { openFolderStore, readBytes, type Store, sourceKey, verifiedKey } from "@polyreel/platform/blobs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PartStore } from "../part-store.js";
import type { RemovedSource } from "./remove-source.js";
import { probeKey } from "./source-probe.js";
import { Sources } from "./sources.js";

const { signal } = new AbortController();
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const FOOTAGE = sha256("footage");
const KEY = sourceKey(FOOTAGE);
const [fromIt = "", fromOther = "", ofUnknown = ""] = ["a", "b", "c"].map((letter) => letter.repeat(64));
const SOUND = { kind: { case: "sound" as const, value: { sizes: [3], samples: 1024n } } };

let folder: string;
let store: Store;
let sources: Sources;
let removed: RemovedSource[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-sources-"));
  store = await openFolderStore(join(folder, "store"));
  removed = [];
  sources = new Sources(store, (one) => void removed.push(one));
});
afterEach(() => rm(folder, { recursive: true }));

const pathOf = (key: string) => join(folder, "store", key);

/** A source as in early stores, which linked to their users' files; returns that file. */
async function linkedSource(text = "footage"): Promise<string> {
  const file = join(folder, "footage.mp4");
  await writeFile(file, text);
  await mkdir(dirname(pathOf(KEY)), { recursive: true });
  await link(file, pathOf(KEY));
  return file;
}

describe("Sources", () => {
  it("has a source that was put, after hashing its bytes", async () => {
    expect(await sources.has(FOOTAGE, signal)).toBe(false);
    await expect(sources.open(FOOTAGE, signal)).rejects.toMatchObject({ code: "not_found" });
    await store.put(KEY, Buffer.from("footage"));
    expect(await sources.has(FOOTAGE, signal)).toBe(true);
    const { path, assertUnchanged } = await sources.open(FOOTAGE, signal);
    expect(path).toBe(pathOf(KEY));
    await assertUnchanged();
    expect(removed).toEqual([]);
  });

  it("does not hash an unchanged file again", async () => {
    await store.put(KEY, Buffer.from("other bytes"));
    await sources.wasWritten(FOOTAGE); // as if they had been hashed
    expect(await sources.has(FOOTAGE, signal)).toBe(true);
  });

  it("gives a kept probe without opening the source, and reads once that its version was verified", async () => {
    const wave = await readFile(await makeFile(join(folder, "tone.wav"), ["sine=f=440:d=0.1"], []));
    const hash = createHash("sha256").update(wave).digest("hex");
    await store.put(sourceKey(hash), wave);
    expect(await sources.knownProbe(hash, signal)).toBeUndefined();
    const opened = await sources.open(hash, signal);
    const probe = await sources.probe(hash, opened, signal);
    expect(probe.audio).toMatchObject({ channels: 1 });

    const asked: string[] = [];
    const counting: Store = {
      ...store,
      async *read(key, io) {
        asked.push(key);
        yield* store.read(key, io);
      },
      files: { open: async (key) => expect.fail(`${key} was opened`) },
    };
    const others = new Sources(counting, () => {});
    for (let i = 0; i < 3; i++) expect(await others.knownProbe(hash, signal)).toEqual(probe);
    expect(asked.filter((key) => key === verifiedKey(hash))).toHaveLength(1);
    await store.remove([sourceKey(hash)]);
    await expect(others.knownProbe(hash, signal)).rejects.toMatchObject({ code: "not_found" });
  });

  it("keeps probes in memory, and asks once in a while for sources whose presence costs a request", async () => {
    const asked: string[] = [];
    const remote: Store = {
      ...store,
      presentForMs: 60_000,
      head: (key, io) => {
        asked.push(`HEAD ${key}`);
        return store.head(key, io);
      },
      async *read(key, io) {
        asked.push(`GET ${key}`);
        yield* store.read(key, io);
      },
    };
    await store.put(KEY, Buffer.from("footage"));
    const kept = new Sources(store, () => {});
    await kept.wasWritten(FOOTAGE);
    const planning = new Sources(remote, () => {});
    expect(await planning.knownProbe(FOOTAGE, signal)).toBeUndefined();
    const key = await probeKey(FOOTAGE);
    await store.put(key, Buffer.from(JSON.stringify({ format: "of the test" })));
    for (let i = 0; i < 3; i++) expect(await planning.knownProbe(FOOTAGE, signal)).toEqual({ format: "of the test" });
    expect(asked).toEqual([`HEAD ${KEY}`, `GET ${verifiedKey(FOOTAGE)}`, `GET ${key}`, `GET ${key}`]);

    await store.remove([KEY]);
    expect(await planning.knownProbe(FOOTAGE, signal)).toBeDefined();
    await expect(planning.open(FOOTAGE, signal)).rejects.toMatchObject({ code: "not_found" });
    await expect(planning.knownProbe(FOOTAGE, signal)).rejects.toMatchObject({ code: "not_found" });
    await store.put(KEY, Buffer.from("footage"));
    const forgetful = new Sources({ ...store, presentForMs: 1 }, () => {});
    expect(await forgetful.knownProbe(FOOTAGE, signal)).toBeDefined();
    await store.remove([KEY]);
    await expect.poll(() => forgetful.knownProbe(FOOTAGE, signal).catch(() => "gone")).toBe("gone");
  });

  it.each([
    ["damaged", async () => writeFile(pathOf(KEY), "fOotage")],
    [
      "damaged with its modification time restored",
      async () => {
        const { atime, mtime } = await stat(pathOf(KEY));
        await writeFile(pathOf(KEY), "fOotage");
        await utimes(pathOf(KEY), atime, mtime);
      },
    ],
    ["cut short", async () => writeFile(pathOf(KEY), "foot")],
  ])("removes one that was %s, with the parts made from it", async (_, damage) => {
    await store.put(KEY, Buffer.from("footage"));
    await sources.wasWritten(FOOTAGE);
    const parts = new PartStore(store);
    const payload = Buffer.from("abc");
    await parts.put("sound", fromIt, payload, { ...SOUND, sources: { sha256: [sha256("x"), FOOTAGE] } });
    await parts.put("sound", fromOther, payload, { ...SOUND, sources: { sha256: [sha256("x")] } });
    await parts.put("sound", ofUnknown, payload, SOUND);
    await damage();
    expect(await sources.has(FOOTAGE, signal)).toBe(false);
    expect(await store.head(KEY)).toBeUndefined();
    expect(await store.head(verifiedKey(FOOTAGE))).toBeUndefined();
    const there = await Promise.all([fromIt, fromOther, ofUnknown].map((hash) => parts.has("sound", hash)));
    expect(there).toEqual([false, true, false]);
    expect(removed.map(({ parts }) => parts.map(({ hash }) => hash).sort())).toEqual([[fromIt, ofUnknown]]);
  });

  it("fails opening a damaged source, and has it when it is put again", async () => {
    await store.put(KEY, Buffer.from("rotten!"));
    await expect(sources.open(FOOTAGE, signal)).rejects.toMatchObject({
      code: "invalid",
      failure: { reason: expect.stringContaining("changed or damaged"), remedy: expect.stringContaining("again") },
    });
    await store.put(KEY, Buffer.from("footage"));
    expect(await sources.has(FOOTAGE, signal)).toBe(true);
  });

  it("detects a source that changes while it is read", async () => {
    await store.put(KEY, Buffer.from("footage"));
    const { assertUnchanged } = await sources.open(FOOTAGE, signal);
    await writeFile(pathOf(KEY), "fOotage");
    await expect(assertUnchanged()).rejects.toMatchObject({ code: "invalid" });
    expect(await store.head(KEY)).toBeUndefined();
  });

  it("repeats work that read a source which was replaced by the same bytes", async () => {
    await store.put(KEY, Buffer.from("footage"));
    const { assertUnchanged } = await sources.open(FOOTAGE, signal);
    await store.put(KEY, Buffer.from("footage"));
    await expect(assertUnchanged()).rejects.toMatchObject({ code: "unavailable" });
    expect(await sources.has(FOOTAGE, signal)).toBe(true);
    expect(removed).toEqual([]);
  });

  it("copies the bytes of a link, because its target may change at any time", async () => {
    const file = await linkedSource();
    expect(await sources.has(FOOTAGE, signal)).toBe(true);
    await writeFile(file, "written over");
    expect((await stat(pathOf(KEY))).nlink).toBe(1);
    expect((await readBytes(store, KEY)).toString()).toBe("footage");
    expect(await sources.has(FOOTAGE, signal)).toBe(true);
  });

  it("removes a link to a file that was overwritten, even if it was intact before", async () => {
    const file = await linkedSource("something else");
    expect(await sources.has(FOOTAGE, signal)).toBe(false);
    await writeFile(file, "footage");
    await store.put(KEY, { path: file }, { sha256: FOOTAGE });
    await sources.wasWritten(FOOTAGE);
    await link(pathOf(KEY), join(folder, "linked-later"));
    await writeFile(join(folder, "linked-later"), "written over");
    expect(await sources.has(FOOTAGE, signal)).toBe(false);
    expect(removed).toHaveLength(2);
  });

  it("hashes once for concurrent callers", async () => {
    await store.put(KEY, Buffer.from("rotten!"));
    const answers = await Promise.all(Array.from({ length: 5 }, () => sources.has(FOOTAGE, signal)));
    expect(answers).toEqual(Array(5).fill(false));
    expect(removed).toHaveLength(1);
  });
});
