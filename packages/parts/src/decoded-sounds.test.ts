import { mkdtemp, open, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFolderStore } from "@polyreel/platform/blobs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { boundDecodedSounds, type DecodedSound, leastRecentlyUsed } from "./decoded-sounds.js";

const NOW = new Date("2026-05-01T12:00:00Z");
const minutesAgo = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);
const sound = (hash: string, minutes: number, sizeBytes = 10): DecodedSound => ({
  tenant: "default",
  hash,
  sizeBytes,
  usedAt: minutesAgo(minutes),
});

describe("leastRecentlyUsed", () => {
  const sounds = [sound("b", 60), sound("d", 30), sound("a", 90), sound("c", 45), sound("now", 1)];
  it.each([
    [50, []],
    [49, ["a"]],
    [40, ["a"]],
    [21, ["a", "b", "c"]],
    [0, ["a", "b", "c", "d"]], // A sound that may be in use stays.
    [Number.POSITIVE_INFINITY, []],
  ])("of fifty bytes keeps %d", (maxBytes, going) => {
    expect(leastRecentlyUsed(sounds, maxBytes, NOW).map(({ hash }) => hash)).toEqual(going);
  });
});

describe("boundDecodedSounds", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "polyreel-decoded-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("removes payloads with their indexes, of all tenants, and nothing else; open files stay readable", async () => {
    const store = await openFolderStore(folder);
    const options = { used: [], now: NOW, dryRun: false, signal: new AbortController().signal };
    const put = async (key: string, bytes: number, minutes: number) => {
      await store.put(`tenants/${key}`, Buffer.alloc(bytes, key));
      await utimes(join(folder, "tenants", key), minutesAgo(minutes), minutesAgo(minutes));
    };
    await put("acme/parts/pcm/old", 100, 90);
    await put("acme/parts/pcm/old.index", 10, 90);
    await put("acme/parts/pcm/used", 100, 90);
    await put("acme/parts/pcm/used.index", 10, 20); // was decoded long ago, and used since
    await put("other/parts/pcm/left", 50, 60); // without an index
    await put("other/parts/voice/v", 1000, 90);
    await put("other/sources/s", 1000, 90);
    const keys = async () => {
      const found: string[] = [];
      for await (const { key } of store.list("")) found.push(key.slice("tenants/".length));
      return found.sort();
    };
    const before = await keys();

    expect(await boundDecodedSounds(store, 270, options)).toEqual({ count: 0, bytes: 0 });
    expect(await boundDecodedSounds(store, 120, { ...options, dryRun: true })).toEqual({ count: 2, bytes: 160 });
    expect(await keys()).toEqual(before);

    await using opened = await open(join(folder, "tenants/acme/parts/pcm/old"));
    expect(await boundDecodedSounds(store, 120, options)).toEqual({ count: 2, bytes: 160 });
    expect(await keys()).toEqual([
      "acme/parts/pcm/used",
      "acme/parts/pcm/used.index",
      "other/parts/voice/v",
      "other/sources/s",
    ]);
    expect((await opened.readFile()).length).toBe(100);
  });

  it("keeps old sounds that were used recently by their own tenant", async () => {
    const store = await openFolderStore(folder);
    for (const key of ["acme/parts/pcm/a", "acme/parts/pcm/b", "other/parts/pcm/a"]) {
      await store.put(`tenants/${key}`, Buffer.alloc(100));
      await utimes(join(folder, "tenants", key), minutesAgo(90), minutesAgo(90));
    }
    const used = [
      { tenant: "acme", hash: "a", usedAt: minutesAgo(20) },
      { tenant: "acme", hash: "b", usedAt: minutesAgo(40) },
      { tenant: "acme", hash: "gone", usedAt: minutesAgo(20) },
    ];
    const { signal } = new AbortController();
    await boundDecodedSounds(store, 200, { used, now: NOW, dryRun: false, signal });
    expect(await store.segments("tenants/other/parts/pcm")).toEqual([]);
    await boundDecodedSounds(store, 100, { used, now: NOW, dryRun: false, signal });
    expect(await store.segments("tenants/acme/parts/pcm")).toEqual(["a"]);
    const inUse = [{ tenant: "acme", hash: "a", usedAt: minutesAgo(1) }];
    await boundDecodedSounds(store, 0, { used: inUse, now: NOW, dryRun: false, signal });
    expect(await store.segments("tenants/acme/parts/pcm")).toEqual(["a"]);
  });

  it("does nothing in an empty store", async () => {
    const store = await openFolderStore(folder);
    const options = { used: [], now: NOW, dryRun: false, signal: new AbortController().signal };
    expect(await boundDecodedSounds(store, 0, options)).toEqual({ count: 0, bytes: 0 });
  });
});
