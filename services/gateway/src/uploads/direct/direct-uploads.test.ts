import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finishedUploadKey, openStore, readBytes, type Store, scopedStore, sourceKey } from "@polyreel/platform/blobs";
import { createLog, readStoreConfig } from "@polyreel/platform/runtime";
import { NEEDS_SEAWEED, openTestBucket, type TestBucket, useSeaweed } from "@polyreel/platform/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { UploadMeter } from "../../quotas/upload-meter.js";
import { readRecord } from "../../sources/source-record.js";
import { DirectUploads, type OpenDirectUpload } from "./direct-uploads.js";
import { expireDirectUploads } from "./expire-direct-uploads.js";

/** S3's minimum for all parts except the last. */
const PART_BYTES = 5 << 20;
const TENANT = "acme";
const HOUR_MS = 3_600_000;
const log = createLog("test", "silent");
const { signal } = new AbortController();
const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("an upload straight to the bucket", NEEDS_SEAWEED, () => {
  const seaweed = useSeaweed();
  let cache: string;
  let store: Store;
  let own: Store;
  let bucket: TestBucket;
  let direct: DirectUploads;
  let bytes: Buffer;
  beforeAll(async () => {
    const { server } = seaweed;
    cache = await mkdtemp(join(tmpdir(), "polyreel-direct-"));
    store = await openStore(
      readStoreConfig({
        POLYREEL_STORE: `s3://${server.bucket}/direct?endpoint=${server.endpoint}&publicEndpoint=${server.endpoint}`,
        POLYREEL_CACHE: cache,
        AWS_ACCESS_KEY_ID: server.keys.accessKeyId,
        AWS_SECRET_ACCESS_KEY: server.keys.secretAccessKey,
      }),
    );
    own = scopedStore(store, TENANT);
    bucket = await openTestBucket(server, { prefix: `direct/tenants/${TENANT}` });
  });
  afterAll(() => rm(cache, { recursive: true, force: true }));

  const meter = {
    count: async () => {},
    countFile: () => {},
    giveBack: () => {},
  } as Partial<UploadMeter> as UploadMeter;
  const limits = { maxSourceBytes: 30 << 20, maxUploads: 2, expiryMs: 48 * HOUR_MS, directPartBytes: PART_BYTES };
  const over = (one: Store) => new DirectUploads({ store: one, log, meter }, limits);
  beforeEach(() => {
    direct = over(store);
    bytes = randomBytes(PART_BYTES + 12_345);
  });

  const begin = (more: { sha256?: string; sizeBytes?: number } = {}) =>
    direct.begin(
      TENANT,
      { fileName: "hook.mp4", title: "Spring", description: "", labels: ["ads"], sizeBytes: bytes.length, ...more },
      signal,
    );
  const send = async ({ missing, partBytes }: OpenDirectUpload, numbers = [1, 2]) => {
    for (const { number, url } of missing.filter((part) => numbers.includes(part.number))) {
      const body = bytes.subarray((number - 1) * partBytes, number * partBytes);
      expect((await fetch(url, { method: "PUT", body } as RequestInit)).status).toBe(200);
    }
  };
  const sent = async () => {
    const begun = await begin();
    await send(begun);
    return begun.id;
  };
  const complete = (id: string, by = direct) => by.complete(TENANT, id, signal);
  const expire = (afterMs: number, dryRun = false) =>
    expireDirectUploads({ tenant: TENANT, own, direct, log }, { now: new Date(Date.now() + afterMs), dryRun, signal });
  /** The source is as sent, and nothing but it is left. */
  const expectSource = async (id: string) => {
    const sha256 = hashOf(bytes);
    expect((await readBytes(own, sourceKey(sha256))).equals(bytes)).toBe(true);
    expect(await readRecord(own, sha256, signal)).toMatchObject({ fileName: "hook.mp4", title: "Spring" });
    await direct.end(TENANT, id, signal);
    expect((await bucket.keys()).filter((key) => !key.includes(sha256))).toEqual([]);
    expect(await bucket.uploads()).toEqual([]);
    await own.remove([...(await bucket.keys())]);
  };

  it("takes the parts that are missing, and becomes a source by its hash, once", async () => {
    const begun = await begin({ sha256: hashOf(bytes) });
    expect(begun.missing.map(({ number, sizeBytes }) => [number, sizeBytes])).toEqual([
      [1, PART_BYTES],
      [2, 12_345],
    ]);
    await send(begun, [2]);
    await expect(complete(begun.id)).rejects.toMatchObject({
      code: "conflict",
      failure: { reason: `Parts have not arrived: 1 (${PART_BYTES} bytes).` },
    });
    const found = (await direct.find(TENANT, begun.id, signal)) as OpenDirectUpload;
    expect(found.missing.map(({ number }) => number)).toEqual([1]);
    await send(found);
    const results = await Promise.all([complete(begun.id), complete(begun.id), complete(begun.id, over(store))]);
    for (const one of results) expect(one).toMatchObject({ sha256: hashOf(bytes), sizeBytes: bytes.length });
    expect(await complete(begun.id)).toMatchObject({ sha256: hashOf(bytes) });
    expect(await direct.find(TENANT, begun.id, signal)).toMatchObject({ sha256: hashOf(bytes) });

    const again = await sent();
    expect(await complete(again)).toMatchObject({ known: true });
    await direct.end(TENANT, again, signal);
    await expectSource(begun.id);
    await expect(complete(begun.id)).rejects.toMatchObject({ code: "not_found" });
  });

  it("is removed if it has other bytes than announced, and when it is ended", async () => {
    const wrong = await begin({ sha256: "0".repeat(64) });
    await send(wrong);
    await expect(complete(wrong.id)).rejects.toMatchObject({
      code: "invalid",
      failure: { reason: `The bytes have the SHA-256 ${hashOf(bytes)}, not ${"0".repeat(64)}.` },
    });
    await expect(complete(wrong.id)).rejects.toMatchObject({ code: "not_found" });
    const ended = await begin();
    await send(ended, [1]);
    await direct.end(TENANT, ended.id, signal);
    await expect(direct.end(TENANT, ended.id, signal)).rejects.toMatchObject({ code: "not_found" });
    expect([await bucket.keys(), await bucket.uploads()]).toEqual([[], []]);
  });

  it("is refused over the limits of size and number", async () => {
    await expect(begin({ sizeBytes: limits.maxSourceBytes + 1 })).rejects.toMatchObject({ code: "exhausted" });
    const begun = [await begin(), await begin()];
    await expect(begin()).rejects.toMatchObject({ code: "exhausted", failure: { remedy: /GATEWAY_MAX_UPLOADS/ } });
    for (const { id } of begun) await direct.end(TENANT, id, signal);
  });

  it("is removed by the clean-up a day after it began, with its parts", async () => {
    const begun = await begin();
    expect(begun.expiresAt.getTime() - Date.now()).toBeLessThanOrEqual(24 * HOUR_MS);
    await send(begun, [2]);
    expect(await expire(23 * HOUR_MS)).toEqual({ count: 0, bytes: 0 });
    expect(await expire(25 * HOUR_MS, true)).toEqual({ count: 1, bytes: 12_345 });
    expect(await expire(25 * HOUR_MS)).toEqual({ count: 1, bytes: 12_345 });
    expect([await bucket.keys(), await bucket.uploads()]).toEqual([[], []]);
  });

  class Killed extends Error {}
  /** Dies after, or before, a step; what it does on its way out has no effect either. */
  const killedStore = (step: string, { before = false } = {}): Store => {
    let isDead = false;
    const around = <T extends object>(target: T, path = ""): T =>
      new Proxy(target, {
        get(object, name) {
          const value = Reflect.get(object, name) as unknown;
          if (name === "directUploads" && value) return around(value as object, "direct.");
          if (typeof value !== "function" || name === "read" || name === "list") return value; // Those are streams.
          return async (...args: unknown[]) => {
            const isStep = `${path}${String(name)} ${String(args[0])}`.startsWith(step);
            if (isDead || (isStep && before)) {
              isDead = true;
              throw new Killed();
            }
            const result = (await Reflect.apply(value, object, args)) as unknown;
            if (!isStep) return result;
            isDead = true;
            throw new Killed();
          };
        },
      });
    return around({ ...store });
  };

  it.each([
    ["before its parts are joined", "direct.complete", { before: true }],
    ["after its parts are joined", "direct.complete", {}],
    ["before it is copied", "direct.copy", { before: true }],
    ["after it is copied", "direct.copy", {}],
    ["after its record", `put tenants/${TENANT}/sources/`, {}],
    ["before its end is noted", `put tenants/${TENANT}/finished`, { before: true }],
    ["after its end is noted", `put tenants/${TENANT}/finished`, {}],
    ["while its object is removed", `remove tenants/${TENANT}/incoming`, { before: true }],
  ])("goes on at another gateway, or by the clean-up, if the first is killed %s", async (when, step, options) => {
    for (const isByCleanUp of [false, true]) {
      bytes = randomBytes(bytes.length);
      const id = await sent();
      const killed = await complete(id, over(killedStore(step, options))).catch((error: unknown) => error);
      // Its end is noted: what is left to do is not the client's.
      if (killed instanceof Error || !/noted|removed/.test(when)) expect(killed).toBeInstanceOf(Killed);
      if (!isByCleanUp) expect(await complete(id)).toMatchObject({ sha256: hashOf(bytes) });
      const isWhole = step !== "direct.complete" || !("before" in options);
      if (isByCleanUp && !isWhole) await complete(id); // Nobody has asked for its parts to be joined.
      expect(await expire(2 * 60_000)).toEqual({ count: 0, bytes: 0 });
      expect(JSON.parse((await readBytes(own, finishedUploadKey(id))).toString())).toMatchObject({
        sha256: hashOf(bytes),
      });
      await expectSource(id);
    }
  });
});
