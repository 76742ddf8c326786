import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { filesIn } from "../testing/files-in.js";
import { describeStore } from "../testing/store-contract.js";
import { parseS3Address } from "./s3-address.js";
import { connectS3 } from "./s3-connect.js";
import { givenKeys } from "./s3-keys.js";
import { openS3Store } from "./s3-store.js";
import { listUploads } from "./s3-upload.js";
import { NEEDS_VERSITYGW, startVersitygw, type Versitygw } from "./testing/versitygw.js";

describe("versitygw", NEEDS_VERSITYGW, () => {
  let server: Versitygw;
  beforeAll(async () => {
    server = await startVersitygw();
  });
  afterAll(() => server?.close());

  const addressOf = (bucket: string) => `s3://${bucket}/${randomUUID()}?endpoint=${server.endpoint}&create=true`;

  describeStore("a bucket of versitygw as store", async () => {
    const folder = await mkdtemp(join(tmpdir(), "polyreel-versitygw-store-"));
    const address = addressOf("media");
    const keys = givenKeys(server.keys);
    const cache = { folder: join(folder, "cache"), maxBytes: 1 << 30 };
    const store = await openS3Store({ address, keys, cache, partBytes: 5 << 20, pageKeys: 7 });
    const client = connectS3(parseS3Address(address), keys);
    return {
      store,
      leftovers: async () =>
        (await listUploads(client, undefined)).length +
        (await filesIn(join(folder, "cache", "tmp"))) +
        (await filesIn(join(folder, "cache", "spool"))),
      close: () => rm(folder, { recursive: true }),
    };
  });

  it("refuses a wrong secret, as the store says", async () => {
    const folder = await mkdtemp(join(tmpdir(), "polyreel-versitygw-secret-"));
    const keys = givenKeys({ ...server.keys, secretAccessKey: "not-it" });
    const opening = openS3Store({ address: addressOf("media"), keys, cache: { folder, maxBytes: 1 << 20 } });
    await expect(opening).rejects.toMatchObject({
      failure: { reason: expect.stringContaining("secret access key is wrong") },
    });
    await rm(folder, { recursive: true });
  });
});
