import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { copyStore } from "../copy-store.js";
import { DamagedObject } from "../damaged-object.js";
import { openFolderStore } from "../folder-store.js";
import { readBytes } from "../read-bytes.js";
import { filesIn } from "../testing/files-in.js";
import { describeStore } from "../testing/store-contract.js";
import { findS3Store, openS3Store } from "./s3-store.js";
import { type Fault, type ProxiedRequest, refusal } from "./testing/faulty-proxy.js";
import { NEEDS_SEAWEED, SEAWEED } from "./testing/seaweed.js";
import { useSeaweed } from "./testing/use-seaweed.js";
import { PART_BYTES, storeOptions, uploadsOf, useStores } from "./testing/use-stores.js";

const seaweed = useSeaweed();

/** A store below a prefix of its own. */
async function openForContract(endpoint: string) {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-s3-"));
  const options = storeOptions(seaweed, folder, { endpoint });
  return {
    store: await openS3Store(options),
    leftovers: async () =>
      (await uploadsOf(seaweed, options)) +
      (await filesIn(join(folder, "cache", "tmp"))) +
      (await filesIn(join(folder, "cache", "spool"))),
    close: () => rm(folder, { recursive: true }),
  };
}

const FAULTS: readonly Fault[] = [
  "reset",
  "lost",
  "cut",
  "slow",
  refusal("503 Service Unavailable", "SlowDown"),
  refusal("500 Internal Server Error", "InternalError"),
  refusal("200 OK", "InternalError"),
];

/** Every fifth request fails in one of these ways. Objects' bytes come after their status: only a list can be refused by 200. */
function faultOfFifth({ number, method, path }: ProxiedRequest): Fault | undefined {
  if (number % 5 !== 0) return undefined;
  const fault = FAULTS[(number / 5) % FAULTS.length];
  const may200 = method === "POST" || path.includes("list-type");
  return typeof fault === "object" && fault.status.startsWith("200") && !may200 ? "reset" : fault;
}

if (SEAWEED) {
  describeStore("a bucket as store", () => openForContract(seaweed.server.endpoint));
  describeStore("a bucket as store, over a bad connection to a busy server", () => {
    seaweed.proxy.faultOf = faultOfFifth;
    return openForContract(seaweed.proxy.endpoint);
  });
}

describe("openS3Store", NEEDS_SEAWEED, () => {
  const stores = useStores(seaweed);

  it.each<Fault>(["reset", "lost", "cut", "slow", "damaged-request", refusal("503 Slow Down", "SlowDown")])(
    "writes, and knows that it did, if the request is %j",
    async (fault) => {
      const store = await stores.through();
      seaweed.failFirst("PUT", fault);
      expect(await store.put("plans/a", Buffer.from("first"), { ifAbsent: true })).toBe(true);
      expect(await store.put("plans/a", Buffer.from("second"), { ifAbsent: true })).toBe(false);
      expect((await readBytes(store, "plans/a")).toString()).toBe("first");
    },
  );

  it("resumes reading where the connection broke", async () => {
    const store = await stores.through();
    const bytes = randomBytes(3_000_000);
    await store.put("sources/a", bytes);
    let gets = 0;
    seaweed.proxy.faultOf = ({ method }) => (method === "GET" && ++gets <= 3 ? "cut" : undefined);
    expect((await readBytes(store, "sources/a")).equals(bytes)).toBe(true);
    expect(gets).toBe(4);
  });

  it("detects bytes that changed in transit", async () => {
    const store = await stores.through();
    await store.put("sources/a", Buffer.from("footage"));
    seaweed.failFirst("GET", "damaged-answer");
    await expect(readBytes(store, "sources/a")).rejects.toMatchObject({
      code: "unavailable",
      failure: { reason: expect.stringContaining("bytes with another checksum for sources/a") },
    });
    expect((await readBytes(store, "sources/a")).toString()).toBe("footage");
  });

  it("distinguishes an object that is damaged in the bucket, after reading it twice", async () => {
    const store = await stores.through();
    await store.put("sources/a", Buffer.from("footage"));
    let gets = 0;
    seaweed.proxy.faultOf = ({ method, path }) => {
      if (method !== "GET" || !path.includes("sources/a")) return undefined;
      gets++;
      return "damaged-answer";
    };
    const error = await readBytes(store, "sources/a").catch((error: unknown) => error);
    expect(error).toBeInstanceOf(DamagedObject);
    expect(error).toMatchObject({ failure: { reason: expect.stringContaining("are damaged") }, outage: false });
    expect(gets).toBe(2);
    await expect(store.files.open("sources/a")).rejects.toBeInstanceOf(DamagedObject);
    const content = { sha256: createHash("sha256").update("footage").digest("hex"), sizeBytes: 7 };
    await expect(store.files.open("sources/a", { content })).rejects.toMatchObject({ code: "not_found" });
    expect(await filesIn(stores.path("cache", "tmp"))).toBe(0);
  });

  it("gives up on a silent server at its deadline", async () => {
    const store = await stores.through({ deadlineMs: 150 });
    seaweed.proxy.faultOf = () => "hang";
    await expect(store.head("plans/a")).rejects.toMatchObject({
      code: "unavailable",
      outage: true,
      failure: { reason: expect.stringContaining("did not answer within") },
    });
  });

  it("repeats a failing request a few times", async () => {
    const store = await stores.through();
    const before = seaweed.proxy.requests.length;
    seaweed.proxy.faultOf = () => refusal("503 Slow Down", "SlowDown");
    await expect(store.head("plans/a")).rejects.toMatchObject({ code: "unavailable", outage: true });
    expect(seaweed.proxy.requests.length - before).toBe(5);
  });

  it("finds an existing store, and creates none", async () => {
    const options = stores.optionsFor();
    expect(await findS3Store(options)).toBeUndefined();
    const store = await openS3Store(options);
    await store.put("plans/a", Buffer.from("a"));
    const found = await findS3Store(options);
    expect(found && (await readBytes(found, "plans/a")).toString()).toBe("a");
    for await (const { key } of store.list("")) expect(key).toBe("plans/a");
  });

  it("adopts a moved file with known content into the cache, and counts its requests", async () => {
    const store = await stores.open();
    const bytes = randomBytes(100_000);
    const content = { sha256: createHash("sha256").update(bytes).digest("hex"), sizeBytes: bytes.length };
    const path = stores.path("made");
    await writeFile(path, bytes);
    const before = { ...store.traffic, requests: { ...store.traffic?.requests } };
    await store.put("parts/clip/a", { path, move: true }, { content });
    await using file = await store.files.open("parts/clip/a", { content });
    expect((await readFile(file.path)).equals(bytes)).toBe(true);
    const puts = (before.requests.PUT ?? 0) + 1;
    expect(store.traffic).toMatchObject({
      requests: { ...before.requests, PUT: puts },
      sentBytes: (before.sentBytes ?? 0) + bytes.length,
      receivedBytes: before.receivedBytes,
    });
    expect((await readBytes(store, "parts/clip/a")).equals(bytes)).toBe(true);
    expect(store.traffic?.receivedBytes).toBe((before.receivedBytes ?? 0) + bytes.length);
  });

  it("can be copied from and to a folder", async () => {
    const [before, after] = [await openFolderStore(stores.path("before")), await openFolderStore(stores.path("after"))];
    const bytes = randomBytes(PART_BYTES + 10);
    await before.put("tenants/a/sources/1", bytes);
    for (let i = 0; i < 10; i++) await before.put(`tenants/a/plans/${i}`, Buffer.from(`${i}`));
    const bucket = await stores.open();
    expect(await copyStore(before, bucket)).toMatchObject({ objects: 11, copied: 11 });
    expect(await copyStore(before, bucket)).toMatchObject({ objects: 11, copied: 0 });
    expect(await copyStore(bucket, after)).toMatchObject({ objects: 11, copied: 11 });
    expect((await readBytes(after, "tenants/a/sources/1")).equals(bytes)).toBe(true);
  });

  it("lists page by page, also from within a page", async () => {
    const store = await stores.open({ options: { pageKeys: 3 } });
    const keys = Array.from({ length: 10 }, (_, i) => `plans/${i}`);
    for (const key of keys) await store.put(key, Buffer.from(key));
    const listed: string[] = [];
    for await (const { key } of store.list("plans/")) listed.push(key);
    expect(listed).toEqual(keys);
    const after: string[] = [];
    for await (const { key } of store.list("plans/", { after: "plans/4" })) after.push(key);
    expect(after).toEqual(keys.slice(5));
    expect((await store.segments("plans")).sort()).toEqual(keys.map((key) => key.slice("plans/".length)));
  });
});
