import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { NO_SECRETS } from "@polyreel/pipeline/settings";
import { PolyreelError } from "@polyreel/platform";
import { readBytes, sourceKey } from "@polyreel/platform/blobs";
import { NEEDS_SEAWEED, openTestBucket, refusal, type TestBucket, useSeaweed } from "@polyreel/platform/testing";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { FetchOptions, TriedAgain } from "../fetch-source.js";
import { BYTES, LIMITS, SHA256, useFetching } from "../testing/fetching.js";
import { parseBuckets } from "./bucket-settings.js";
import { SourceBuckets } from "./source-buckets.js";

const KEY = "raw/half price #1 100%25+é.mp4";
/** Of the wrong keys; must not occur anywhere. */
const SECRET = "hidden-secret";

describe("an object of a bucket", NEEDS_SEAWEED, () => {
  const seaweed = useSeaweed();
  const bench = useFetching();
  let footage: TestBucket;
  let buckets: SourceBuckets;

  beforeAll(async () => {
    const { server } = seaweed;
    footage = await openTestBucket(server, { bucket: "footage", prefix: "" });
    const other = await openTestBucket(server, { bucket: "other", prefix: "" });
    for (const bucket of [footage, other]) await bucket.write(KEY, BYTES.toString());
    await footage.write("private/a.mp4", "private");
    await footage.write("acme/a.mp4", "acme");
  });

  beforeEach(async () => {
    const { server, proxy } = seaweed;
    const folder = bench.folder;
    const keys = (id: string, secret: string) => `aws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`;
    await writeFile(join(folder, ".keys"), keys(server.readerKeys.accessKeyId, server.readerKeys.secretAccessKey));
    await writeFile(join(folder, ".wrong"), keys(server.readerKeys.accessKeyId, SECRET));
    await writeFile(join(folder, ".unknown"), keys("nobody", SECRET));
    const entry = (bucket: string, more: object) => ({ address: `s3://${bucket}?endpoint=${proxy.endpoint}`, ...more });
    const settings = parseBuckets(
      join(folder, "buckets.json"),
      JSON.stringify({
        footage: entry("footage/raw", { credentials: ".keys", buckets: ["missing"] }),
        acme: entry("footage/acme", { credentials: ".keys", tenants: ["acme"] }),
        wrong: entry("wrong-keys", { credentials: ".wrong" }),
        unknown: entry("unknown-keys", { credentials: ".unknown" }),
        keyless: entry("no-keys", { credentials: "none" }),
        away: { address: "s3://away?endpoint=http://127.0.0.1:1", credentials: ".keys" },
      }),
    );
    buckets = new SourceBuckets({ current: async () => settings }, { stallMs: 5000 }, NO_SECRETS);
  });

  const LONG = { limits: { ...LIMITS, deadlineMs: 60_000 } };
  const fetched = (
    address: string,
    { tenant = "default", ...options }: Partial<FetchOptions> & { tenant?: string } = {},
  ) => bench.fetched(address, { ...LONG, buckets: buckets.of(tenant), ...options });

  async function failure(address: string, options: Parameters<typeof fetched>[1] = {}): Promise<string> {
    const failed = await fetched(address, options).then(
      () => new Error("It did not fail."),
      (error: unknown) => error,
    );
    if (!(failed instanceof PolyreelError) || failed.code !== "invalid") throw failed;
    const { reason, remedy } = failed.failure;
    expect(remedy).not.toBe("");
    expect(`${reason} ${remedy} ${JSON.stringify(failed.cause)} ${failed.stack}`).not.toContain(SECRET);
    expect(`${reason} ${remedy}`).not.toContain("127.0.0.1");
    return `${reason} ${remedy}`;
  }

  it("is stored completely, with the last segment of its key as its name", async () => {
    expect(await fetched(`s3://footage/${KEY}`)).toEqual({
      ...{ sha256: SHA256, sizeBytes: BYTES.length, name: "half price #1 100%25+é.mp4" },
    });
    expect((await readBytes(bench.store, sourceKey(SHA256))).equals(BYTES)).toBe(true);
  });

  it("may be fetched only below the prefix, and by the tenants, of an entry", async () => {
    expect((await fetched("s3://footage/acme/a.mp4", { tenant: "acme" })).sizeBytes).toBe(4);
    expect(await failure("s3://footage/acme/a.mp4")).toMatch(/must have keys that begin with "raw\/"\./);
    expect(await failure("s3://footage/private/a.mp4", { tenant: "acme" })).toMatch(/"raw\/" or "acme\/"\./);
    expect(await failure("s3://footage/raw/../private/a.mp4")).toMatch(/"\.\." as a segment/);
    expect(await failure(`s3://other/${KEY}`)).toMatch(
      /^The bucket "other" is not allowed for sources of this tenant\. Its buckets are "away", "footage", "missing",/,
    );
    const none = new SourceBuckets({ current: async () => new Map() }, LIMITS, NO_SECRETS).of("default");
    expect(await failure(`s3://footage/${KEY}`, { buckets: none })).toMatch(/POLYREEL_SOURCE_BUCKETS of the planner/);
  });

  it.each([
    ["an object that is not there", "s3://footage/raw/gone.mp4", /^s3:\/\/footage\/raw\/gone\.mp4 does not exist\./],
    ["a folder", "s3://footage/raw/", /names no object/],
    ["a bucket alone", "s3://footage", /names no object/],
    ["a query", `s3://footage/raw/a.mp4?secret=${SECRET}`, /^s3:\/\/footage\/raw\/a\.mp4 is followed by a "\?"/],
    ["a missing bucket", "s3://missing/raw/a.mp4", /the bucket missing does not exist/],
    ["a wrong key", "s3://wrong-keys/a.mp4", /"wrong": the secret access key is wrong/],
    ["an unknown key", "s3://unknown-keys/a.mp4", /"unknown": the server does not know the access key/],
    ["no keys", "s3://no-keys/a.mp4", /^The credentials file of the source bucket "keyless", .*ENOENT/],
  ])("is refused at once for %s", async (_, address, reason) => {
    const again: TriedAgain[] = [];
    expect(await failure(address, { onTryAgain: (one) => again.push(one) })).toMatch(reason);
    expect(again).toEqual([]);
  });

  it("is refused if keys have no right to it, and if it is archived or too large", async () => {
    seaweed.failFirst("GET", refusal("403 Forbidden", "AccessDenied"));
    expect(await failure(`s3://footage/${KEY}`)).toMatch(/do not have the right to do this\. Grant them s3:GetObject/);
    seaweed.failFirst("GET", refusal("403 Forbidden", "InvalidObjectState"));
    expect(await failure(`s3://footage/${KEY}`)).toMatch(/is archived\. Restore/);
    const limits = { ...LONG.limits, maxBytes: BYTES.length - 1 };
    expect(await failure(`s3://footage/${KEY}`, { limits })).toMatch(/larger than the 299999 bytes allowed: 300000/);
  });

  it("is fetched again where its connection breaks", async () => {
    seaweed.failFirst("GET", "cut");
    const again: TriedAgain[] = [];
    expect((await fetched(`s3://footage/${KEY}`, { onTryAgain: (one) => again.push(one) })).sha256).toBe(SHA256);
    expect(again).toMatchObject([{ tried: 1, tries: 3 }]);
  });

  it("fails after its last attempt where its server is away", async () => {
    const limits = { ...LONG.limits, tries: 2 };
    expect(await failure("s3://away/a.mp4", { limits })).toMatch(/"away": nothing listens there; tried 2 times\./);
  });
});
