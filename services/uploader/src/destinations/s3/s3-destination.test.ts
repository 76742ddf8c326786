import { createHash, randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { PolyreelError } from "@polyreel/platform";
import { givenKeys } from "@polyreel/platform/s3";
import {
  type Fault,
  type FaultyProxy,
  openTestBucket,
  refusal,
  type S3Server,
  SEAWEED,
  startFaultyProxy,
  startSeaweed,
  type TestBucket,
} from "@polyreel/platform/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Place } from "../destination.js";
import { pieceSource, type Source } from "../source.js";
import { destinationKeys } from "./destination-terms.js";
import { S3Destination, type S3DestinationOptions } from "./s3-destination.js";

/** The least that S3 takes for a part that is not the last. */
const PART_BYTES = 5 << 20;
const spring = { tenant: "default", name: "spring" };
const never = { signal: new AbortController().signal };

const place = (other: Partial<Place> = {}): Place => ({
  ...{ batchId: "b1", attempt: 1, owner: spring, overwrite: false, folder: "sale", fileName: "a.mp4" },
  ...other,
});

/** Like outputs, of known content and size. */
const outputOf = (bytes: Uint8Array): Source => ({
  ...pieceSource(() => chunksOf(bytes), "video/mp4"),
  sizeBytes: bytes.length,
  content: createHash("sha256").update("layout").update(bytes).digest("hex"),
});

function* chunksOf(bytes: Uint8Array) {
  for (let at = 0; at < bytes.length; at += 1 << 20) yield bytes.subarray(at, at + (1 << 20));
}

if (!SEAWEED) console.warn("SeaweedFS is not in .programs: the tests that need a server of S3 are skipped.");

describe.skipIf(!SEAWEED)("S3Destination", () => {
  let server: S3Server;
  let proxy: FaultyProxy;
  let bucket: TestBucket;
  let prefix: string;
  beforeAll(async () => {
    server = await startSeaweed();
    proxy = await startFaultyProxy(server.port);
  });
  afterAll(async () => {
    await proxy?.close();
    await server?.close();
  });
  beforeEach(async () => {
    proxy.faultOf = () => undefined;
    prefix = `campaigns/${randomUUID()}`;
    bucket = await openTestBucket(server, { bucket: "ads", prefix, versioned: true });
  });

  const open = (other: Partial<S3DestinationOptions> = {}) =>
    new S3Destination({
      name: "ads",
      address: `s3://ads/${prefix}?endpoint=${proxy.endpoint}`,
      keys: givenKeys(server.keys),
      firstDelayMs: 5,
      partBytes: PART_BYTES,
      ...other,
    });
  /** Methods of the requests sent by `work`. */
  const requestsOf = async (work: () => Promise<unknown>) => {
    const before = proxy.requests.length;
    await work();
    return proxy.requests.slice(before).map(({ method }) => method);
  };
  /** The first request of a method, and perhaps of a query, gets a fault. */
  const firstOf = (method: string, fault: Fault, query = "") => {
    let done = false;
    proxy.faultOf = (request) => {
      if (done || request.method !== method || !request.path.includes(query)) return undefined;
      done = true;
      return fault;
    };
  };

  it("takes two requests for a new object, a repeated delivery, and a later batch", async () => {
    const destination = open();
    expect(await destination.exists()).toBe(true);
    const source = outputOf(randomBytes(100_000));
    await destination.put(outputOf(Buffer.from("first")), place({ fileName: "first.mp4", batchId: "b2" }), never);
    expect(await requestsOf(() => destination.put(source, place(), never))).toEqual(["HEAD", "PUT"]);
    expect(await requestsOf(() => destination.put(source, place(), never))).toEqual(["HEAD", "HEAD"]);
    expect(await requestsOf(() => destination.put(source, place({ batchId: "b2" }), never))).toEqual(["HEAD", "PUT"]);
    expect((await bucket.versions()).written.filter((key) => key === "sale/a.mp4")).toHaveLength(1);
    expect(await destination.remove("sale/a.mp4", "b1")).toBe("others");
    expect(await destination.remove("sale/a.mp4", "b2")).toBe("removed");
    expect(await bucket.keys()).toEqual(["sale/first.mp4"]);
  });

  it.each(["żółć 日本語 👋.mp4", "50% (new) & more + 'extra', #1!.mp4", "a=b;c@d$e[f]{g}~h^i`j|k<l>.mp4"])(
    "delivers, finds and removes %j",
    async (fileName) => {
      const destination = open();
      const { path, location } = await destination.put(outputOf(Buffer.from("one")), place({ fileName }), never);
      expect(location).toBe(`s3://ads/${prefix}/sale/${fileName}`);
      expect((await bucket.read(path)).toString()).toBe("one");
      expect(await bucket.keys()).toEqual([`sale/${fileName}`]);
      expect(await destination.foreign({ ...place(), owner: { ...spring, name: "other" } }, [fileName])).toEqual([
        { name: fileName, batch: "spring" },
      ]);
      await destination.removeAllOf({ folder: "sale", owner: spring, batchId: "b1" }, new Set());
      expect(await bucket.keys()).toEqual([]);
    },
  );

  it("applies settings, and replaces objects whose settings changed", async () => {
    const destination = open();
    const source = outputOf(Buffer.from("one"));
    const settings = {
      contentDisposition: "attachment",
      cacheControl: "max-age=60",
      metadata: { campaign: "spring" },
      public: true,
    };
    await destination.put(source, place({ settings }), never);
    expect(await bucket.headers("sale/a.mp4")).toMatchObject({
      "content-type": "video/mp4",
      "content-disposition": "attachment",
      "cache-control": "max-age=60",
      "x-amz-meta-campaign": "spring",
    });
    await destination.put(source, place({ settings }), never);
    await destination.put(source, place({ settings: { ...settings, cacheControl: "no-store" } }), never);
    expect(await bucket.headers("sale/a.mp4")).toMatchObject({ "cache-control": "no-store" });
    expect((await bucket.versions()).written).toEqual(["sale/a.mp4", "sale/a.mp4"]);
  });

  it("treats a copy of its object as foreign", async () => {
    const destination = open();
    await destination.put(outputOf(Buffer.from("one")), place(), never);
    const headers = (await bucket.headers("sale/a.mp4")) ?? {};
    const metadata = Object.entries(headers).filter(([name]) => name.startsWith("x-amz-meta-"));
    await bucket.write("sale/b.mp4", "one", Object.fromEntries(metadata) as Record<string, string>);
    expect(await destination.remove("sale/b.mp4", "b1")).toBe("changed");
    expect(await bucket.keys()).toEqual(["sale/a.mp4", "sale/b.mp4"]);
  });

  describe("an output of several parts", () => {
    const bytes = randomBytes(PART_BYTES * 2 + 100_000);

    it("is written once, and leaves no upload", async () => {
      const destination = open();
      await destination.put(outputOf(bytes), place(), never);
      expect((await bucket.read("sale/a.mp4")).equals(bytes)).toBe(true);
      await destination.put(outputOf(bytes), place({ attempt: 2 }), never);
      expect((await bucket.versions()).written.filter((key) => !key.includes(".polyreel"))).toEqual(["sale/a.mp4"]);
      expect([await bucket.keys(), await bucket.uploads()]).toEqual([["sale/a.mp4"], []]);
    });

    it("is written even if its content is known only after reading it", async () => {
      const destination = open();
      const source = pieceSource(() => chunksOf(bytes));
      await destination.put(source, place(), never);
      expect((await bucket.read("sale/a.mp4")).equals(bytes)).toBe(true);
      expect(await requestsOf(() => destination.put(source, place(), never))).toEqual(["HEAD", "HEAD"]);
    });

    it("is not written over a foreign object that appears meanwhile", async () => {
      const destination = open();
      proxy.faultOf = ({ method, path }) => {
        if (method === "PUT" && path.includes("partNumber=1")) void bucket.write("sale/a.mp4", "precious");
        return undefined;
      };
      await expect(destination.put(outputOf(bytes), place(), never)).rejects.toMatchObject({ code: "conflict" });
      expect((await bucket.read("sale/a.mp4")).toString()).toBe("precious");
      expect([await bucket.keys(), await bucket.uploads()]).toEqual([["sale/a.mp4"], []]);
    });

    it("has at most two parts in memory", async () => {
      let readBytes = 0;
      const large = Buffer.alloc(PART_BYTES * 6);
      async function* counted() {
        for (const chunk of chunksOf(large)) {
          readBytes += chunk.length;
          yield chunk;
        }
      }
      const source = { ...outputOf(large), read: counted };
      const cancel = new AbortController();
      let hanging = 0;
      proxy.faultOf = ({ path }) => {
        if (!path.includes("partNumber=")) return undefined;
        hanging++;
        return "hang";
      };
      const putting = open().put(source, place(), { signal: cancel.signal });
      await expect.poll(() => hanging).toBe(2);
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(readBytes).toBeLessThanOrEqual(PART_BYTES * 2 + (1 << 20));
      cancel.abort();
      await expect(putting).rejects.toMatchObject({ name: "AbortError" });
    });

    it("replaces its owner's earlier object", async () => {
      const destination = open();
      await destination.put(outputOf(Buffer.from("old")), place({ batchId: "b0" }), never);
      await destination.put(outputOf(bytes), place(), never);
      expect((await bucket.read("sale/a.mp4")).equals(bytes)).toBe(true);
    });

    it.each<[string, Fault]>([
      ["lost", "lost"],
      ["an error by 200", refusal("200 OK", "InternalError")],
    ])("is written once if the response to the last request is %s", async (_, fault) => {
      firstOf("POST", fault, "uploadId=");
      await open().put(outputOf(bytes), place(), never);
      expect((await bucket.read("sale/a.mp4")).equals(bytes)).toBe(true);
      expect((await bucket.versions()).written.filter((key) => !key.includes(".polyreel"))).toEqual(["sale/a.mp4"]);
      expect(await bucket.uploads()).toEqual([]);
    });

    it("leaves an upload whose beginning was repeated to the end of its batch", async () => {
      const destination = open();
      firstOf("POST", "lost", "uploads=");
      await destination.put(outputOf(bytes), place(), never);
      expect(await bucket.uploads()).toEqual(["sale/a.mp4"]);
      await destination.removeLeftovers({ batchId: "b1", folder: "sale" });
      expect([await bucket.keys(), await bucket.uploads()]).toEqual([["sale/a.mp4"], []]);
    });

    it("leaves nothing behind when it is cancelled or its batch deleted before the end", async () => {
      const destination = open();
      const cancel = new AbortController();
      proxy.faultOf = ({ path }) => {
        if (path.includes("partNumber=2")) setTimeout(() => cancel.abort(), 20);
        return path.includes("partNumber=2") ? "hang" : undefined;
      };
      const putting = destination.put(outputOf(bytes), place({ fileName: "de/a.mp4" }), { signal: cancel.signal });
      await expect(putting).rejects.toMatchObject({ name: "AbortError" });
      proxy.faultOf = () => undefined;
      let passes = 0;
      const fence = async () => {
        if (++passes > 1) throw new PolyreelError("not_found", "deleted");
      };
      await expect(destination.put(outputOf(bytes), place(), { ...never, fence })).rejects.toThrow("deleted");
      await destination.removeEmptySubfolders("sale");
      expect([await bucket.keys(), await bucket.uploads()]).toEqual([[], []]);
    });

    it("is cleaned up after its process died, when its batch has ended, and uploads of others are not", async () => {
      const destination = open();
      const dying = open();
      proxy.faultOf = ({ path }) => (path.includes("partNumber=") ? "hang" : undefined);
      void dying.put(outputOf(bytes), place({ fileName: "de/a.mp4" }), never).catch(() => {});
      void dying.put(outputOf(bytes), place({ batchId: "b2", fileName: "b.mp4" }), never).catch(() => {});
      await expect.poll(() => bucket.uploads()).toHaveLength(2);
      await destination.removeLeftovers({ batchId: "b1", folder: "sale" });
      expect(await bucket.uploads()).toEqual(["sale/b.mp4"]);
      await destination.removeLeftovers({ batchId: "b2", folder: "sale" });
      expect(await bucket.uploads()).toEqual([]);
    });
  });

  it("writes an object once if the response is lost, and if the process is", async () => {
    const source = outputOf(randomBytes(2_000_000));
    firstOf("PUT", "lost");
    await open().put(source, place(), never);
    // Like the successor of a process that died then.
    await open().put(source, place(), never);
    expect((await bucket.versions()).written).toEqual(["sale/a.mp4"]);
  });

  describe("reports with destination, cause and remedy", () => {
    const refused = async (other: Partial<S3DestinationOptions>, settings = {}): Promise<PolyreelError> => {
      const putting = open(other).put(outputOf(Buffer.from("one")), place({ settings }), never);
      const error = await putting.catch((error: unknown) => error);
      if (!(error instanceof PolyreelError)) return expect.fail(`no PolyreelError: ${inspect(error)}`);
      expect(error.failure.reason).toContain('the destination "ads"');
      expect(error.failure.reason + error.failure.remedy).not.toMatch(/store|AWS_|POLYREEL_S3/);
      expect(error.failure.remedy).not.toBe("");
      const shown = inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error);
      for (const secret of ["secret-of-tests", "a-wrong-one"]) expect(shown).not.toContain(secret);
      return error;
    };
    const address = (bucketName: string, more = "") => `s3://${bucketName}/a?endpoint=${proxy.endpoint}${more}`;

    it("a bucket that does not exist", async () => {
      const { outage, failure } = await refused({ address: address("absent") });
      expect(outage).toBe(true);
      expect(failure.reason).toBe(
        `Cannot use the destination "ads" (s3://absent/a/ at ${proxy.endpoint}): the bucket absent does not exist.`,
      );
      expect(failure.remedy).not.toContain("create=true");
      await expect(open({ address: address("absent") }).exists()).rejects.toMatchObject({ failure });
    });

    it("a bucket that is deleted meanwhile", async () => {
      const doomed = await openTestBucket(server, { bucket: "doomed", prefix: "a" });
      const destination = open({ address: address("doomed") });
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
      const { accessKeyId } = server.keys;
      const secret = await refused({ keys: givenKeys({ accessKeyId, secretAccessKey: "a-wrong-one" }) });
      expect(secret).toMatchObject({ code: "unavailable", outage: true });
      expect(secret.failure.reason).toContain("the secret access key is wrong");
      expect(secret.failure.remedy).toContain('Correct the credentials file of the destination "ads"');
      const key = await refused({ keys: givenKeys({ accessKeyId: "nobody", secretAccessKey: "a-wrong-one" }) });
      expect(key.failure.reason).toContain("does not know the access key");
      const right = await refused({ keys: givenKeys(server.readerKeys) });
      expect(right.failure.reason).toContain("do not have the right");
      expect(right.failure.remedy).toContain("s3:PutObject");
    });

    it("an incomplete credentials file", async () => {
      const folder = await mkdtemp(join(tmpdir(), "polyreel-keys-"));
      const path = join(folder, "ads");
      const keys = destinationKeys("ads", path);
      expect((await refused({ keys })).failure.reason).toContain(path);
      const { accessKeyId, secretAccessKey } = server.keys;
      await writeFile(path, `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`);
      await open({ keys }).put(outputOf(Buffer.from("one")), place(), never);
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
      proxy.faultOf = ({ method }) => (method === "PUT" ? fault : undefined);
      const error = await refused({});
      expect(error).toMatchObject(expected);
      expect(error.failure.reason).toContain(what);
    });

    it("an invalid address, or one that asks to create a bucket", () => {
      expect(() => open({ address: "s3://Ads" })).toThrow('The address of the destination "ads" has no valid bucket');
      expect(() => open({ address: address("ads", "&create=true") })).toThrow(/parameter "create"/);
    });
  });
});
