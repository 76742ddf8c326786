import { createHash, randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { PolyreelError } from "../../errors.js";
import { copyStore } from "../copy-store.js";
import { DamagedObject } from "../damaged-object.js";
import { openFolderStore } from "../folder-store.js";
import { readBytes } from "../read-bytes.js";
import type { Store } from "../store.js";
import { filesIn } from "../testing/files-in.js";
import { describeStore } from "../testing/store-contract.js";
import { parseS3Address } from "./s3-address.js";
import { S3Client } from "./s3-client.js";
import { S3Connection } from "./s3-connection.js";
import { givenKeys, type S3Keys } from "./s3-keys.js";
import { findS3Store, openS3Store, type S3StoreOptions } from "./s3-store.js";
import { listUploads } from "./s3-upload.js";
import {
  type Fault,
  type FaultyProxy,
  type ProxiedRequest,
  refusal,
  startFaultyProxy,
} from "./testing/faulty-proxy.js";
import { type S3Server, SEAWEED, startSeaweed } from "./testing/seaweed.js";

/** S3's minimum for all parts except the last. */
const PART_BYTES = 5 << 20;
/** For a machine that is busy with other tests; tests that wait for it set a shorter one. */
const DEADLINE_MS = 10_000;

if (!SEAWEED) console.warn("SeaweedFS is not in .programs: the tests that need an S3 server are skipped.");

let server: S3Server;
let proxy: FaultyProxy;
let folder: string;

beforeAll(async () => {
  if (!SEAWEED) return;
  server = await startSeaweed();
  proxy = await startFaultyProxy(server.port);
});
afterAll(async () => {
  await proxy?.close();
  await server?.close();
});

interface Opening {
  readonly prefix?: string;
  readonly bucket?: string;
  readonly endpoint?: string;
  readonly keys?: S3Keys;
  /** Further parameters of the address. */
  readonly parameters?: string;
  readonly options?: Partial<S3StoreOptions>;
}

function optionsFor({ prefix = randomUUID(), bucket, endpoint, keys, parameters = "", options }: Opening = {}) {
  return {
    address: `s3://${bucket ?? server.bucket}/${prefix}?endpoint=${endpoint ?? server.endpoint}${parameters}`,
    keys: givenKeys(keys ?? server.keys),
    cache: { folder: join(folder, "cache"), maxBytes: 1 << 30 },
    firstDelayMs: 5,
    deadlineMs: DEADLINE_MS,
    partBytes: PART_BYTES,
    pageKeys: 7,
    ...options,
  };
}

const open = (opening?: Opening): Promise<Store> => openS3Store(optionsFor(opening));

async function uploadsOf({ address, keys }: S3StoreOptions): Promise<number> {
  const plain = address.replace(proxy.endpoint, server.endpoint);
  const connection = new S3Connection(parseS3Address(plain), keys, { deadlineMs: DEADLINE_MS });
  return (await listUploads(new S3Client(connection, 5), undefined)).length;
}

/** A store below a prefix of its own. */
async function openForContract(endpoint: string) {
  folder = await mkdtemp(join(tmpdir(), "polyreel-s3-"));
  const own = folder;
  const options = optionsFor({ endpoint });
  const store = await openS3Store(options);
  return {
    store,
    leftovers: async () =>
      (await uploadsOf(options)) +
      (await filesIn(join(own, "cache", "tmp"))) +
      (await filesIn(join(own, "cache", "spool"))),
    close: () => rm(own, { recursive: true }),
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
  describeStore("a bucket as store", () => openForContract(server.endpoint));
  describeStore("a bucket as store, over a bad connection to a busy server", () => {
    proxy.faultOf = faultOfFifth;
    return openForContract(proxy.endpoint);
  });
}

describe.skipIf(!SEAWEED)("openS3Store", () => {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "polyreel-s3-"));
    proxy.faultOf = () => undefined;
  });
  afterEach(() => rm(folder, { recursive: true }));

  const through = (options: Partial<S3StoreOptions> = {}) => open({ endpoint: proxy.endpoint, options });
  /** The first request of a method, and perhaps of a query, gets a fault. */
  const firstOf = (method: string, fault: Fault, query = "") => {
    let done = false;
    proxy.faultOf = (request) => {
      if (done || request.method !== method || !request.path.includes(query)) return undefined;
      done = true;
      return fault;
    };
  };

  describe("objects of several parts", () => {
    const bytes = randomBytes(PART_BYTES * 2 + 100_000);
    async function* stream() {
      for (let at = 0; at < bytes.length; at += 300_000) yield bytes.subarray(at, at + 300_000);
    }

    it("keep their bytes, however they are written and read", async () => {
      const store = await open();
      expect(await store.put("sources/a", stream(), { maxBytes: bytes.length })).toBe(true);
      const { sha256 } = await store.putHashed("sources", stream());
      await using file = await store.files.open(`sources/${sha256}`);
      expect((await readFile(file.path)).equals(bytes)).toBe(true);
      expect((await readBytes(store, "sources/a")).equals(bytes)).toBe(true);
      const range = { start: PART_BYTES - 10, end: PART_BYTES + 10 };
      expect((await readBytes(store, "sources/a", { range })).equals(bytes.subarray(range.start, range.end))).toBe(
        true,
      );
    });

    it("are verified by the checksum of their parts when they are read", async () => {
      const store = await through();
      await store.put("sources/a", stream());
      firstOf("GET", "damaged-answer", "sources/a");
      await expect(readBytes(store, "sources/a")).rejects.toMatchObject({
        failure: { reason: expect.stringContaining("bytes with another checksum") },
      });
      expect((await readBytes(store, "sources/a")).equals(bytes)).toBe(true);
    });

    it("end with a whole part if their size is a multiple of it", async () => {
      const store = await open();
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
      const store = await open();
      const written = await Promise.all([1, 2].map(() => store.put("sources/a", stream(), { ifAbsent: true })));
      expect(written).toContain(true);
      expect((await readBytes(store, "sources/a")).equals(bytes)).toBe(true);
      expect(await store.put("sources/a", stream(), { ifAbsent: true })).toBe(false);
    });

    it("leave nothing behind if their bytes fail, are too many or unexpected", async () => {
      const options = optionsFor();
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
      expect(await uploadsOf(options)).toBe(0);
      expect(await filesIn(join(folder, "cache", "spool"))).toBe(0);
    });

    it("leave no part and no open connection when an upload is cancelled within a part", async () => {
      const options = optionsFor({ endpoint: proxy.endpoint });
      const store = await openS3Store(options);
      const cancel = new AbortController();
      proxy.faultOf = ({ path }) => {
        if (!path.includes("partNumber=2")) return undefined;
        setTimeout(() => cancel.abort(), 20);
        return "hang";
      };
      const writing = store.put("sources/a", stream(), { signal: cancel.signal });
      await expect(writing).rejects.toMatchObject({ name: "AbortError" });
      expect(await uploadsOf(options)).toBe(0);
      expect(await store.head("sources/a")).toBeUndefined();
      proxy.faultOf = () => "hang";
      const asking = new AbortController();
      const [connections, requests] = [proxy.connections, proxy.requests.length];
      const asked = store.head("sources/a", { signal: asking.signal });
      await expect.poll(() => proxy.requests.length).toBeGreaterThan(requests);
      asking.abort();
      await expect(asked).rejects.toMatchObject({ name: "AbortError" });
      await expect.poll(() => proxy.connections, { timeout: 5_000 }).toBeLessThan(connections); // idle ones stay longer
    });

    it.each<[string, Fault]>([
      ["is lost", "lost"],
      ["is an error by 200", refusal("200 OK", "InternalError")],
      ["is 503", refusal("503 Slow Down", "SlowDown")],
    ])("are written once if the response to the last request %s", async (_, fault) => {
      const store = await through();
      firstOf("POST", fault, "uploadId=");
      expect(await store.put("sources/a", stream(), { ifAbsent: true })).toBe(true);
      expect((await readBytes(store, "sources/a")).equals(bytes)).toBe(true);
    });
  });

  it.each<Fault>(["reset", "lost", "cut", "slow", "damaged-request", refusal("503 Slow Down", "SlowDown")])(
    "writes, and knows that it did, if the request is %j",
    async (fault) => {
      const store = await through();
      firstOf("PUT", fault);
      expect(await store.put("plans/a", Buffer.from("first"), { ifAbsent: true })).toBe(true);
      expect(await store.put("plans/a", Buffer.from("second"), { ifAbsent: true })).toBe(false);
      expect((await readBytes(store, "plans/a")).toString()).toBe("first");
    },
  );

  it("resumes reading where the connection broke", async () => {
    const store = await through();
    const bytes = randomBytes(3_000_000);
    await store.put("sources/a", bytes);
    let gets = 0;
    proxy.faultOf = ({ method }) => (method === "GET" && ++gets <= 3 ? "cut" : undefined);
    expect((await readBytes(store, "sources/a")).equals(bytes)).toBe(true);
    expect(gets).toBe(4);
  });

  it("detects bytes that changed in transit", async () => {
    const store = await through();
    await store.put("sources/a", Buffer.from("footage"));
    firstOf("GET", "damaged-answer");
    await expect(readBytes(store, "sources/a")).rejects.toMatchObject({
      code: "unavailable",
      failure: { reason: expect.stringContaining("bytes with another checksum for sources/a") },
    });
    expect((await readBytes(store, "sources/a")).toString()).toBe("footage");
  });

  it("distinguishes an object that is damaged in the bucket, after reading it twice", async () => {
    const store = await through();
    await store.put("sources/a", Buffer.from("footage"));
    let gets = 0;
    proxy.faultOf = ({ method, path }) => {
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
    expect(await filesIn(join(folder, "cache", "tmp"))).toBe(0);
  });

  it("gives up on a silent server at its deadline", async () => {
    const store = await through({ deadlineMs: 150 });
    proxy.faultOf = () => "hang";
    await expect(store.head("plans/a")).rejects.toMatchObject({
      code: "unavailable",
      outage: true,
      failure: { reason: expect.stringContaining("did not answer within") },
    });
  });

  it("repeats a failing request a few times", async () => {
    const store = await through();
    const before = proxy.requests.length;
    proxy.faultOf = () => refusal("503 Slow Down", "SlowDown");
    await expect(store.head("plans/a")).rejects.toMatchObject({ code: "unavailable", outage: true });
    expect(proxy.requests.length - before).toBe(5);
  });

  describe("errors name", () => {
    const refused = async (opening: Opening): Promise<PolyreelError> => {
      const error = await open(opening).catch((error: unknown) => error);
      if (!(error instanceof PolyreelError)) return expect.fail(`no PolyreelError: ${inspect(error)}`);
      expect(error.failure.remedy).not.toBe("");
      // What a log could show of it.
      const shown = inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error);
      for (const secret of ["a-secret-of-tests", "another-secret-of-tests", "a-wrong-one"])
        expect(shown).not.toContain(secret);
      return error;
    };

    it("a bucket that does not exist, unless it is to be created", async () => {
      const { code, failure } = await refused({ bucket: "absent" });
      expect(code).toBe("unavailable");
      expect(failure.reason).toMatch(
        /^Cannot use the store in s3:\/\/absent\/.* at http:.*: the bucket absent does not exist\.$/,
      );
      expect(failure.remedy).toContain("create=true");
      const store = await open({ bucket: "created", parameters: "&create=true" });
      await store.put("plans/a", Buffer.from("a"));
      await open({ bucket: "created", parameters: "&create=true" });
    });

    it("a wrong secret, an unknown key and a missing right", async () => {
      const { accessKeyId } = server.keys;
      const secret = await refused({ keys: { accessKeyId, secretAccessKey: "a-wrong-one" } });
      expect(secret).toMatchObject({ code: "unavailable", outage: true });
      expect(secret.failure.reason).toContain("the secret access key is wrong");
      const key = await refused({ keys: { accessKeyId: "nobody", secretAccessKey: "a-wrong-one" } });
      expect(key.failure.reason).toContain("does not know the access key");
      const right = await refused({ keys: server.readerKeys });
      expect(right.failure.reason).toContain("do not have the right");
      expect(right.failure.remedy).toContain("s3:PutObject");
    });

    it("a server that does not run", async () => {
      const { failure, outage } = await refused({ endpoint: "http://127.0.0.1:9" });
      expect(failure.reason).toContain("nothing listens there");
      expect(outage).toBe(true);
    });

    it("this machine's clock", async () => {
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 3_600_000 });
      try {
        const { failure } = await refused({});
        expect(failure.reason).toContain("this machine's clock is 60 minutes off the server's");
      } finally {
        vi.useRealTimers();
      }
    });

    it.each<[string, Fault, string, string]>([
      ["a full bucket", refusal("507 Insufficient Storage", "XMinioStorageFull"), "exhausted", "is full"],
      ["a quota", refusal("403 Forbidden", "QuotaExceeded"), "exhausted", "is full"],
      [
        "another region",
        refusal("301 Moved Permanently", "PermanentRedirect", { "x-amz-bucket-region": "eu-west-1" }),
        "precondition",
        "in the region eu-west-1, not us-east-1",
      ],
      ["a server of something else", { status: "400 Bad Request", body: "<html>" }, "unavailable", "refused it (400)"],
    ])("%s", async (_, fault, code, what) => {
      proxy.faultOf = () => fault;
      const error = await refused({ endpoint: proxy.endpoint });
      expect(error.code).toBe(code);
      expect(error.failure.reason).toContain(what);
    });

    it("an emptied bucket, which is not an empty store", async () => {
      const options = optionsFor();
      const store = await openS3Store(options);
      await store.put("plans/a", Buffer.from("a"));
      const { address, keys } = options;
      const client = new S3Client(new S3Connection(parseS3Address(address), keys, { deadlineMs: DEADLINE_MS }), 5);
      const object = `${client.address.prefix}.format`;
      await client.call({ method: "DELETE", object });
      await expect(store.ping()).rejects.toMatchObject({
        code: "unavailable",
        failure: { reason: expect.stringMatching(/cannot be used: its object .* is missing/) },
      });
    });
  });

  it("finds an existing store, and creates none", async () => {
    const options = optionsFor();
    expect(await findS3Store(options)).toBeUndefined();
    const store = await openS3Store(options);
    await store.put("plans/a", Buffer.from("a"));
    const found = await findS3Store(options);
    expect(found && (await readBytes(found, "plans/a")).toString()).toBe("a");
    for await (const { key } of store.list("")) expect(key).toBe("plans/a");
  });

  it("adopts a moved file with known content into the cache, and counts its requests", async () => {
    const store = await open();
    const bytes = randomBytes(100_000);
    const content = { sha256: createHash("sha256").update(bytes).digest("hex"), sizeBytes: bytes.length };
    const path = join(folder, "made");
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
    const [before, after] = [
      await openFolderStore(join(folder, "before")),
      await openFolderStore(join(folder, "after")),
    ];
    const bytes = randomBytes(PART_BYTES + 10);
    await before.put("tenants/a/sources/1", bytes);
    for (let i = 0; i < 10; i++) await before.put(`tenants/a/plans/${i}`, Buffer.from(`${i}`));
    const bucket = await open();
    expect(await copyStore(before, bucket)).toMatchObject({ objects: 11, copied: 11 });
    expect(await copyStore(before, bucket)).toMatchObject({ objects: 11, copied: 0 });
    expect(await copyStore(bucket, after)).toMatchObject({ objects: 11, copied: 11 });
    expect((await readBytes(after, "tenants/a/sources/1")).equals(bytes)).toBe(true);
  });

  it("lists page by page, also from within a page", async () => {
    const store = await open({ options: { pageKeys: 3 } });
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
