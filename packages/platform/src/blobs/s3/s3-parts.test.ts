import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { readBytes } from "../read-bytes.js";
import { filesIn } from "../testing/files-in.js";
import { openS3Store } from "./s3-store.js";
import { type Fault, refusal } from "./testing/faulty-proxy.js";
import { NEEDS_SEAWEED } from "./testing/seaweed.js";
import { useSeaweed } from "./testing/use-seaweed.js";
import { PART_BYTES, uploadsOf, useStores } from "./testing/use-stores.js";

const seaweed = useSeaweed();

describe("objects of several parts on S3", NEEDS_SEAWEED, () => {
  const stores = useStores(seaweed);
  const bytes = randomBytes(PART_BYTES * 2 + 100_000);
  async function* stream() {
    for (let at = 0; at < bytes.length; at += 300_000) yield bytes.subarray(at, at + 300_000);
  }

  it("keep their bytes, however they are written and read", async () => {
    const store = await stores.open();
    expect(await store.put("sources/a", stream(), { maxBytes: bytes.length })).toBe(true);
    const { sha256 } = await store.putHashed("sources", stream());
    await using file = await store.files.open(`sources/${sha256}`);
    expect((await readFile(file.path)).equals(bytes)).toBe(true);
    expect((await readBytes(store, "sources/a")).equals(bytes)).toBe(true);
    const range = { start: PART_BYTES - 10, end: PART_BYTES + 10 };
    expect((await readBytes(store, "sources/a", { range })).equals(bytes.subarray(range.start, range.end))).toBe(true);
  });

  it("are verified by the checksum of their parts when they are read", async () => {
    const store = await stores.through();
    await store.put("sources/a", stream());
    seaweed.failFirst("GET", "damaged-answer", "sources/a");
    await expect(readBytes(store, "sources/a")).rejects.toMatchObject({
      failure: { reason: expect.stringContaining("bytes with another checksum") },
    });
    expect((await readBytes(store, "sources/a")).equals(bytes)).toBe(true);
  });

  it("end with a whole part if their size is a multiple of it", async () => {
    const store = await stores.open();
    await store.put("sources/a", bytes.subarray(0, PART_BYTES * 2));
    await store.put("sources/b", bytes.subarray(0, PART_BYTES));
    expect(await store.head("sources/a")).toMatchObject({
      sizeBytes: PART_BYTES * 2,
      version: expect.stringContaining("-2"),
    });
    expect((await store.head("sources/b"))?.version).not.toContain("-");
  });

  // SeaweedFS 4.48 checks the condition and completes the upload in two steps: in 4 of 40 trials both succeeded.
  it("are whole after two concurrent writers, at least one of which wrote them", async () => {
    const store = await stores.open();
    const written = await Promise.all([1, 2].map(() => store.put("sources/a", stream(), { ifAbsent: true })));
    expect(written).toContain(true);
    expect((await readBytes(store, "sources/a")).equals(bytes)).toBe(true);
    expect(await store.put("sources/a", stream(), { ifAbsent: true })).toBe(false);
  });

  it("leave nothing behind if their bytes fail, are too many or unexpected", async () => {
    const options = stores.optionsFor();
    const store = await openS3Store(options);
    async function* failing() {
      yield* stream();
      throw new Error("the line broke");
    }
    await expect(store.put("sources/a", failing())).rejects.toThrow("the line broke");
    const limited = store.put("sources/a", stream(), { maxBytes: bytes.length - 1 });
    await expect(limited).rejects.toMatchObject({ code: "invalid" });
    const other = store.put("sources/a", stream(), { sha256: "0".repeat(64) });
    await expect(other).rejects.toMatchObject({ code: "invalid" });
    await expect(store.putHashed("sources", failing())).rejects.toThrow("the line broke");
    expect(await store.head("sources/a")).toBeUndefined();
    expect(await uploadsOf(seaweed, options)).toBe(0);
    expect(await filesIn(stores.path("cache", "spool"))).toBe(0);
  });

  it("leave no part and no open connection when an upload is cancelled within a part", async () => {
    const options = stores.optionsFor({ endpoint: seaweed.proxy.endpoint });
    const store = await openS3Store(options);
    const cancel = new AbortController();
    seaweed.proxy.faultOf = ({ path }) => {
      if (!path.includes("partNumber=2")) return undefined;
      setTimeout(() => cancel.abort(), 20);
      return "hang";
    };
    const writing = store.put("sources/a", stream(), { signal: cancel.signal });
    await expect(writing).rejects.toMatchObject({ name: "AbortError" });
    expect(await uploadsOf(seaweed, options)).toBe(0);
    expect(await store.head("sources/a")).toBeUndefined();
    seaweed.proxy.faultOf = () => "hang";
    const asking = new AbortController();
    const [connections, requests] = [seaweed.proxy.connections, seaweed.proxy.requests.length];
    const asked = store.head("sources/a", { signal: asking.signal });
    await expect.poll(() => seaweed.proxy.requests.length).toBeGreaterThan(requests);
    asking.abort();
    await expect(asked).rejects.toMatchObject({ name: "AbortError" });
    await expect.poll(() => seaweed.proxy.connections, { timeout: 5_000 }).toBeLessThan(connections); // idle ones stay longer
  });

  it.each<[string, Fault]>([
    ["is lost", "lost"],
    ["is an error by 200", refusal("200 OK", "InternalError")],
    ["is 503", refusal("503 Slow Down", "SlowDown")],
  ])("are written once if the response to the last request %s", async (_, fault) => {
    const store = await stores.through();
    seaweed.failFirst("POST", fault, "uploadId=");
    expect(await store.put("sources/a", stream(), { ifAbsent: true })).toBe(true);
    expect((await readBytes(store, "sources/a")).equals(bytes)).toBe(true);
  });
});
