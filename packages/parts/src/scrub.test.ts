import { createHash, randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFolderStore, openStore, readBytes, type Store, sourceKey } from "@polyreel/platform/blobs";
import {
  type FaultyProxy,
  NEEDS_SEAWEED,
  type S3Server,
  startFaultyProxy,
  startSeaweed,
} from "@polyreel/platform/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { indexKey, payloadKey } from "./kinds/part-key.js";
import { PartStore } from "./part-store.js";
import { removeDamaged, type Scrubbed, scrub } from "./scrub.js";
import { Sources } from "./sources/sources.js";

const NO_SOURCES = { sha256: [] as string[] };
const SOUND = { kind: { case: "sound" as const, value: { sizes: [3, 4, 5], samples: 2048n } }, sources: NO_SOURCES };
const PAYLOAD = Buffer.from("abcdefghijkl");
const HASHES = ["a", "b", "c", "d"].map((letter) => letter.repeat(64));
const [rotten = "", gone = "", garbled = "", right = ""] = HASHES;
const source = (text: string) => createHash("sha256").update(text).digest("hex");

let folder: string;
let store: Store;

/** Opens an empty store of which the tests' folder may contain files. */
type OpenStore = () => Promise<Store>;

async function scrubbed(): Promise<Scrubbed[]> {
  const all: Scrubbed[] = [];
  for await (const one of scrub(store, new AbortController().signal)) all.push(one);
  return all;
}

async function flip(key: string): Promise<void> {
  const bytes = Buffer.from(await readBytes(store, key));
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  await store.put(key, bytes);
}

function testScrub(open: OpenStore): void {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "polyreel-scrub-"));
    store = await open();
    const parts = new PartStore(store);
    for (const hash of HASHES) await parts.put("sound", hash, PAYLOAD, SOUND);
    for (const text of ["one", "two"]) await store.put(sourceKey(source(text)), Buffer.from(text));
    await store.put("plans/b1-0123", Buffer.from("a plan"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("finds no damage in an intact store", async () => {
    const all = await scrubbed();
    expect(all.map(({ what }) => what).sort()).toEqual(["sound", "sound", "sound", "sound", "source", "source"]);
    expect(all.filter(({ damage }) => damage)).toEqual([]);
  });

  it("removes a damaged source with the parts made from it", async () => {
    const made = "e".repeat(64);
    await new PartStore(store).put("sound", made, PAYLOAD, { ...SOUND, sources: { sha256: [source("two")] } });
    await flip(sourceKey(source("two")));
    const [damaged] = (await scrubbed()).filter(({ damage }) => damage);
    if (!damaged) throw new Error("The source was not found damaged.");
    const parts = await removeDamaged(store, damaged, new AbortController().signal);
    expect(parts.map(({ hash }) => hash)).toEqual([made]);
    expect(await new PartStore(store).has("sound", made)).toBe(false);
  });

  it("reports and removes exactly the damaged objects", async () => {
    await flip(payloadKey("sound", rotten));
    await store.remove([payloadKey("sound", gone)]);
    await store.put(indexKey("sound", garbled), Buffer.from("no index"));
    await flip(sourceKey(source("two")));
    const damaged = (await scrubbed()).filter(({ damage }) => damage);
    expect(Object.fromEntries(damaged.map(({ hash, damage }) => [hash, damage]))).toEqual({
      [rotten]: "its bytes do not match its index",
      [gone]: "its payload is missing",
      [garbled]: "its index can't be read",
      [source("two")]: "its bytes do not match its hash",
    });
    for (const one of damaged) await removeDamaged(store, one, new AbortController().signal);
    expect((await scrubbed()).map(({ hash, damage }) => [hash, damage]).sort()).toEqual(
      [
        [right, undefined],
        [source("one"), undefined],
      ].sort(),
    );
    expect(await new PartStore(store).has("sound", rotten)).toBe(false);
  });
}

describe("a store in a folder", () => testScrub(() => openFolderStore(folder)));

describe("a store on S3", NEEDS_SEAWEED, () => {
  let server: S3Server;
  let proxy: FaultyProxy;
  beforeAll(async () => {
    server = await startSeaweed();
    proxy = await startFaultyProxy(server.port);
  });
  beforeEach(() => {
    proxy.faultOf = () => undefined;
  });
  afterAll(async () => {
    await proxy?.close();
    await server?.close();
  });

  testScrub(() =>
    openStore({
      address: `s3://${server.bucket}/${randomUUID()}?endpoint=${proxy.endpoint}`,
      cache: { folder: join(folder, "cache"), maxBytes: 1 << 30 },
      s3Keys: async () => server.keys,
    }),
  );

  /** Answers to GET for these keys contain other bytes than were written, all of them or the first few. */
  const rot = (keys: readonly string[], answers = Number.POSITIVE_INFINITY) => {
    let left = answers;
    proxy.faultOf = ({ method, path }) => {
      const isRotten = method === "GET" && keys.some((key) => path.includes(`${key}?`) || path.endsWith(key));
      return isRotten && left-- > 0 ? "damaged-answer" : undefined;
    };
  };

  it("reports objects whose bytes changed inside the server", async () => {
    rot([payloadKey("sound", rotten), indexKey("sound", garbled), sourceKey(source("two"))]);
    const damaged = (await scrubbed()).filter(({ damage }) => damage);
    expect(Object.fromEntries(damaged.map(({ hash, damage }) => [hash, damage]))).toEqual({
      [rotten]: "its bytes do not match its index",
      [garbled]: "its index can't be read",
      [source("two")]: "its bytes do not match its hash",
    });
    for (const one of damaged) await removeDamaged(store, one, new AbortController().signal);
    rot([]);
    expect((await scrubbed()).filter(({ damage }) => damage)).toEqual([]);
    for (const hash of [rotten, garbled]) expect(await store.head(payloadKey("sound", hash))).toBeUndefined();
  });

  it("does not mistake bytes that changed in transit, once, for damage", async () => {
    rot([payloadKey("sound", rotten)], 1);
    await expect(scrubbed()).rejects.toMatchObject({ code: "unavailable", outage: false });
    expect((await scrubbed()).filter(({ damage }) => damage)).toEqual([]);
  });

  it("makes a part again whose payload or index changed inside the server", async () => {
    rot([payloadKey("sound", rotten), indexKey("sound", garbled)]);
    const parts = new PartStore(store);
    await expect(parts.open("sound", rotten)).rejects.toMatchObject({
      failure: { reason: "A soundtrack is missing from the store or damaged." },
    });
    expect(await parts.index("sound", garbled)).toBeUndefined();
    for (const hash of [rotten, garbled]) expect(await parts.has("sound", hash)).toBe(false);
    await (await parts.open("sound", right))[Symbol.asyncDispose]();
  });

  it("removes a source whose bytes changed inside the server when it is opened", async () => {
    const { signal } = new AbortController();
    const sha256 = source("one");
    const sources = new Sources(store, () => {});
    expect(await sources.has(sha256, signal)).toBe(true);
    rot([sourceKey(sha256)]);
    // The copy in the cache stays right; that of another machine is not there yet.
    await rm(join(folder, "cache", "objects"), { recursive: true });
    await mkdir(join(folder, "cache", "objects"));
    await expect(sources.open(sha256, signal)).rejects.toMatchObject({
      code: "invalid",
      failure: { reason: expect.stringContaining("changed or damaged") },
    });
    expect(await sources.has(sha256, signal)).toBe(false);
    expect(await store.head(sourceKey(sha256))).toBeUndefined();
  });
});
