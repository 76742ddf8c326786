import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import type { Store } from "../../store.js";
import { parseS3Address } from "../s3-address.js";
import { S3Client } from "../s3-client.js";
import { S3Connection } from "../s3-connection.js";
import { givenKeys, type S3Keys } from "../s3-keys.js";
import { openS3Store, type S3StoreOptions } from "../s3-store.js";
import { listUploads } from "../s3-upload.js";
import type { SeaweedInUse } from "./use-seaweed.js";

/** S3's minimum for all parts except the last. */
export const PART_BYTES = 5 << 20;
/** For a machine that is busy with other tests; tests that wait for it set a shorter one. */
const DEADLINE_MS = 10_000;

export interface Opening {
  readonly prefix?: string;
  readonly bucket?: string;
  readonly endpoint?: string;
  readonly keys?: S3Keys;
  /** Further parameters of the address. */
  readonly parameters?: string;
  readonly options?: Partial<S3StoreOptions>;
}

/** Options for a store below a prefix of its own, with its cache in a folder. */
export function storeOptions(
  { server }: SeaweedInUse,
  folder: string,
  { prefix = randomUUID(), bucket, endpoint, keys, parameters = "", options }: Opening = {},
): S3StoreOptions {
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

/** Sends requests as a store with these options does, past the proxy. */
export function clientFor({ server, proxy }: SeaweedInUse, { address, keys }: S3StoreOptions): S3Client {
  const plain = address.replace(proxy.endpoint, server.endpoint);
  return new S3Client(new S3Connection(parseS3Address(plain), keys, { deadlineMs: DEADLINE_MS }), 5);
}

/** Number of uploads in parts that were begun and not ended. */
export const uploadsOf = async (seaweed: SeaweedInUse, options: S3StoreOptions): Promise<number> =>
  (await listUploads(clientFor(seaweed, options), undefined)).length;

/** Stores for the tests of a file; each test has its own folder. */
export function useStores(seaweed: SeaweedInUse) {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "polyreel-s3-"));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const optionsFor = (opening?: Opening): S3StoreOptions => storeOptions(seaweed, folder, opening);
  const open = (opening?: Opening): Promise<Store> => openS3Store(optionsFor(opening));
  return {
    /** A path in the test's folder. */
    path: (...names: string[]): string => join(folder, ...names),
    optionsFor,
    open,
    /** Opens a store through the proxy. */
    through: (options: Partial<S3StoreOptions> = {}): Promise<Store> =>
      open({ endpoint: seaweed.proxy.endpoint, options }),
  };
}
