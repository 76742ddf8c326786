import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { NO_SECRETS, s3KeysOf } from "@polyreel/pipeline/settings";
import { PolyreelError } from "@polyreel/platform";
import { givenKeys } from "@polyreel/platform/s3";
import { type Fault, NEEDS_SEAWEED, openTestBucket, refusal, useSeaweed } from "@polyreel/platform/testing";
import { describe, expect, it, vi } from "vitest";
import { titleOf } from "./destination-terms.js";
import type { S3DestinationOptions } from "./s3-destination.js";
import { never, outputOf, place, spring, useBucket } from "./testing/use-bucket.js";

const seaweed = useSeaweed();

describe("a destination on S3 reports with destination, cause and remedy", NEEDS_SEAWEED, () => {
  const ads = useBucket(seaweed);

  const refused = async (other: Partial<S3DestinationOptions>, settings = {}): Promise<PolyreelError> => {
    const putting = ads.open(other).put(outputOf(Buffer.from("one")), place({ settings }), never);
    const error = await putting.catch((error: unknown) => error);
    if (!(error instanceof PolyreelError)) return expect.fail(`no PolyreelError: ${inspect(error)}`);
    expect(error.failure.reason).toContain('the destination "ads"');
    expect(error.failure.reason + error.failure.remedy).not.toMatch(/store|AWS_|POLYREEL_S3/);
    expect(error.failure.remedy).not.toBe("");
    const shown = inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error);
    for (const secret of ["secret-of-tests", "a-wrong-one"]) expect(shown).not.toContain(secret);
    return error;
  };
  const address = (bucketName: string, more = "") => `s3://${bucketName}/a?endpoint=${seaweed.proxy.endpoint}${more}`;

  it("a bucket that does not exist", async () => {
    const { outage, failure } = await refused({ address: address("absent") });
    expect(outage).toBe(true);
    expect(failure.reason).toBe(
      `Cannot use the destination "ads" (s3://absent/a/ at ${seaweed.proxy.endpoint}): the bucket absent does not exist.`,
    );
    expect(failure.remedy).not.toContain("create=true");
    await expect(ads.open({ address: address("absent") }).exists()).rejects.toMatchObject({ failure });
  });

  it("a bucket that is deleted meanwhile", async () => {
    const doomed = await openTestBucket(seaweed.server, { bucket: "doomed", prefix: "a" });
    const destination = ads.open({ address: address("doomed") });
    await destination.put(outputOf(Buffer.from("one")), place(), never);
    await doomed.erase("sale/a.mp4");
    await doomed.eraseBucket();
    const later = performance.now() + 10_000;
    vi.spyOn(performance, "now").mockImplementation(() => later);
    await expect(destination.put(outputOf(Buffer.from("one")), place(), never)).rejects.toMatchObject({
      outage: true,
      failure: { reason: expect.stringContaining("the bucket doomed does not exist") },
    });
    // Deleting a batch waits for the bucket, as for a disk: the objects may still exist.
    const removing = destination.removeAllOf({ folder: "sale", owner: spring, batchId: "b1" }, new Set());
    await expect(removing).rejects.toMatchObject({ outage: true });
    vi.restoreAllMocks();
  });

  it("a wrong secret, an unknown key and a missing right", async () => {
    const { accessKeyId } = seaweed.server.keys;
    const secret = await refused({ keys: givenKeys({ accessKeyId, secretAccessKey: "a-wrong-one" }) });
    expect(secret).toMatchObject({ code: "unavailable", outage: true });
    expect(secret.failure.reason).toContain("the secret access key is wrong");
    expect(secret.failure.remedy).toContain('Correct the credentials of the destination "ads"');
    const key = await refused({ keys: givenKeys({ accessKeyId: "nobody", secretAccessKey: "a-wrong-one" }) });
    expect(key.failure.reason).toContain("does not know the access key");
    const right = await refused({ keys: givenKeys(seaweed.server.readerKeys) });
    expect(right.failure.reason).toContain("do not have the right");
    expect(right.failure.remedy).toContain("s3:PutObject");
  });

  it("an incomplete credentials file", async () => {
    const folder = await mkdtemp(join(tmpdir(), "polyreel-keys-"));
    const path = join(folder, "ads");
    const keys = s3KeysOf({ file: path }, titleOf("ads"), NO_SECRETS);
    expect((await refused({ keys })).failure.reason).toContain(path);
    const { accessKeyId, secretAccessKey } = seaweed.server.keys;
    await writeFile(path, `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`);
    await ads.open({ keys }).put(outputOf(Buffer.from("one")), place(), never);
    await rm(folder, { recursive: true });
  });

  it("a wrong clock", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 3_600_000 });
    try {
      expect((await refused({})).failure.reason).toContain("this machine's clock is 60 minutes off the server's");
    } finally {
      vi.useRealTimers();
    }
  });

  it.each<[string, Fault, { code: string; outage: boolean }, string]>([
    [
      "a full bucket",
      refusal("507 Insufficient Storage", "XMinioStorageFull"),
      { code: "exhausted", outage: true },
      "is full",
    ],
    [
      "another region",
      refusal("301 Moved Permanently", "PermanentRedirect", { "x-amz-bucket-region": "eu-west-1" }),
      { code: "precondition", outage: false },
      "in the region eu-west-1, not us-east-1",
    ],
    [
      "a bucket without ACLs",
      refusal("400 Bad Request", "AccessControlListNotSupported"),
      { code: "precondition", outage: false },
      "does not allow access rights of single objects",
    ],
    [
      "an unknown storage class",
      refusal("400 Bad Request", "InvalidStorageClass"),
      { code: "invalid", outage: false },
      "does not have the storage class",
    ],
  ])("%s", async (_, fault, expected, what) => {
    seaweed.proxy.faultOf = ({ method }) => (method === "PUT" ? fault : undefined);
    const error = await refused({});
    expect(error).toMatchObject(expected);
    expect(error.failure.reason).toContain(what);
  });

  it("an invalid address, or one that asks to create a bucket", () => {
    expect(() => ads.open({ address: "s3://Ads" })).toThrow('The address of the destination "ads" has no valid bucket');
    expect(() => ads.open({ address: address("ads", "&create=true") })).toThrow(/parameter "create"/);
  });
});
