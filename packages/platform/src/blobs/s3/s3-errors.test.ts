import { inspect } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { PolyreelError } from "../../errors.js";
import { readBytes } from "../read-bytes.js";
import { openS3Store } from "./s3-store.js";
import { type Fault, refusal } from "./testing/faulty-proxy.js";
import { NEEDS_SEAWEED } from "./testing/seaweed.js";
import { useSeaweed } from "./testing/use-seaweed.js";
import { clientFor, type Opening, useStores } from "./testing/use-stores.js";

const seaweed = useSeaweed();

describe("errors of a store on S3 name", NEEDS_SEAWEED, () => {
  const stores = useStores(seaweed);
  const refused = async (opening: Opening): Promise<PolyreelError> => {
    const error = await stores.open(opening).catch((error: unknown) => error);
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
    const store = await stores.open({ bucket: "created", parameters: "&create=true" });
    await store.put("plans/a", Buffer.from("a"));
    await stores.open({ bucket: "created", parameters: "&create=true" });
  });

  it("a wrong secret, an unknown key and a missing right", async () => {
    const { accessKeyId } = seaweed.server.keys;
    const secret = await refused({ keys: { accessKeyId, secretAccessKey: "a-wrong-one" } });
    expect(secret).toMatchObject({ code: "unavailable", outage: true });
    expect(secret.failure.reason).toContain("the secret access key is wrong");
    const key = await refused({ keys: { accessKeyId: "nobody", secretAccessKey: "a-wrong-one" } });
    expect(key.failure.reason).toContain("does not know the access key");
    const right = await refused({ keys: seaweed.server.readerKeys });
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
    seaweed.proxy.faultOf = () => fault;
    const error = await refused({ endpoint: seaweed.proxy.endpoint });
    expect(error.code).toBe(code);
    expect(error.failure.reason).toContain(what);
  });

  it("an emptied bucket, which is not an empty store", async () => {
    const options = stores.optionsFor();
    const store = await openS3Store(options);
    await store.put("plans/a", Buffer.from("a"));
    const client = clientFor(seaweed, options);
    for (const object of ["plans/a", ".format"])
      await client.call({ method: "DELETE", object: client.address.prefix + object });
    const isMissing = {
      code: "unavailable",
      failure: { reason: expect.stringMatching(/cannot be used: its object .* is missing/) },
    };
    await expect(readBytes(store, "plans/a")).rejects.toMatchObject(isMissing);
    await expect(store.ping()).rejects.toMatchObject(isMissing);
  });
});
