import { createHash, randomBytes } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import type { DirectUploads } from "../direct-uploads.js";
import { readBytes } from "../read-bytes.js";
import { scopedStore } from "../scoped-store.js";
import type { Store } from "../store.js";
import { NEEDS_SEAWEED } from "./testing/seaweed.js";
import { useSeaweed } from "./testing/use-seaweed.js";
import { PART_BYTES, uploadsOf, useStores } from "./testing/use-stores.js";

describe("uploads by clients to a store on S3", NEEDS_SEAWEED, () => {
  const seaweed = useSeaweed();
  const stores = useStores(seaweed);
  const prefix = "direct";
  const opening = () => ({ prefix, parameters: `&publicEndpoint=${seaweed.server.endpoint}` });
  const open = async (options = {}): Promise<Store & { direct: DirectUploads }> => {
    const store = scopedStore(await stores.open({ ...opening(), options }), "acme");
    return { ...store, direct: store.directUploads ?? expect.fail("no uploads by clients") };
  };
  afterEach(async () => expect(await uploadsOf(seaweed, stores.optionsFor(opening()))).toBe(0));

  const bytes = randomBytes(PART_BYTES + 1000);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const sizes = [PART_BYTES, 1000];
  const key = "incoming/a";
  const linksOf = (direct: DirectUploads, id: string) =>
    Promise.all(sizes.map((sizeBytes, i) => direct.linkTo(key, id, { number: i + 1, sizeBytes, lifetimeMs: 60_000 })));
  const send = async (url: string, body: Uint8Array) =>
    (await fetch(url, { method: "PUT", body } as RequestInit)).status;

  it("come in parts of the announced size alone, become an object, and are copied inside the server", async () => {
    const store = await open();
    const { direct } = store;
    const id = await direct.begin(key);
    const [first = "", second = ""] = await linksOf(direct, id);
    expect(await send(second, bytes.subarray(PART_BYTES, -1))).toBe(403);
    expect(await send(first.replace("partNumber=1", "partNumber=3"), bytes.subarray(0, PART_BYTES))).toBe(403);
    expect(await send(second, bytes.subarray(PART_BYTES))).toBe(200);
    expect(await direct.parts(key, id)).toMatchObject([{ number: 2, sizeBytes: 1000 }]);
    expect(await send(first, bytes.subarray(0, PART_BYTES))).toBe(200);
    const parts = (await direct.parts(key, id)) ?? [];
    expect(parts.map(({ number, sizeBytes }) => [number, sizeBytes])).toEqual([
      [1, PART_BYTES],
      [2, 1000],
    ]);
    expect(await direct.complete(key, id, parts)).toBe(true);
    expect(await send(second, bytes.subarray(PART_BYTES))).not.toBe(200);

    const { version = "", sizeBytes = 0 } = (await store.head(key)) ?? {};
    expect(sizeBytes).toBe(bytes.length);
    const from = { key, version, sizeBytes, sha256 };
    expect(await direct.copy({ ...from, version: "another" }, "sources/none")).toBe(false);
    expect(await store.head("sources/none")).toBeUndefined();
    expect(await direct.copy(from, "sources/a")).toBe(true);
    const inParts = (await open({ directUploads: { maxCopyBytes: PART_BYTES } })).direct;
    expect(await inParts.copy({ ...from, version: "another" }, "sources/none")).toBe(false);
    expect(await inParts.copy(from, "sources/b")).toBe(true);
    for (const copied of ["sources/a", "sources/b"]) expect((await readBytes(store, copied)).equals(bytes)).toBe(true);
    await store.remove([key, "sources/a", "sources/b"]);
    expect(await direct.copy(from, "sources/a")).toBe(false);
  });

  it("can be ended, and are told apart from those that are gone", async () => {
    const { direct } = await open();
    const id = await direct.begin(key);
    const [first = ""] = await linksOf(direct, id);
    expect(await direct.parts(key, id)).toEqual([]);
    await direct.abort(key, id);
    await direct.abort(key, id);
    expect(await send(first, bytes.subarray(0, PART_BYTES))).not.toBe(200);
    expect(await direct.parts(key, id)).toBeUndefined();
    expect(await direct.complete(key, id, [{ number: 1, sizeBytes: 1, etag: '"a"' }])).toBe(false);
  });

  it("exist only where clients reach the server", async () => {
    expect((await stores.open()).directUploads).toBeUndefined();
  });
});
