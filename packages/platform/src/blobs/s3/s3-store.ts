import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { diskError } from "../../files/disk-error.js";
import { type CacheOptions, openCachedFiles } from "../cached-files.js";
import { checkedKey } from "../keys.js";
import type { BlobBody, BlobStore, Io, LocalBody, Store } from "../store.js";
import { openTemporaryFolder } from "../temporary-folder.js";
import { parseS3Address } from "./s3-address.js";
import { withBucket } from "./s3-bucket.js";
import type { S3Client } from "./s3-client.js";
import { type ConnectOptions, connectS3, PAGE_KEYS, PART_BYTES } from "./s3-connect.js";
import { type DirectUploadOptions, s3DirectUploads } from "./s3-direct-uploads.js";
import type { S3KeySource } from "./s3-keys.js";
import { s3Listing } from "./s3-listing.js";
import { infoFromHeaders } from "./s3-objects.js";
import { S3Presence } from "./s3-presence.js";
import { s3Presigner } from "./s3-presigner.js";
import { s3Reader } from "./s3-reader.js";
import { s3Removal } from "./s3-removal.js";
import { removeAbandonedUploads } from "./s3-upload.js";
import { s3Writer } from "./s3-writer.js";

/** Batches that follow each other closely use the same objects. */
const PRESENT_FOR_MS = 10_000;

export interface S3StoreOptions extends ConnectOptions {
  /** `s3://bucket/prefix?endpoint=...`. */
  readonly address: string;
  readonly keys: S3KeySource;
  readonly cache: CacheOptions;
  /** At least 5 MiB, by S3's rules. */
  readonly partBytes?: number;
  readonly pageKeys?: number;
  readonly directUploads?: DirectUploadOptions;
}

/** Opens the store in a bucket, creating it if needed; the bucket itself only if the address has `create=true`. */
export async function openS3Store(options: S3StoreOptions, io: Io = {}): Promise<Store> {
  const { client, presence } = connect(options);
  const establish = () => presence.establish(io.signal);
  await (client.address.create ? withBucket(client, establish, io.signal) : establish());
  await removeAbandonedUploads(client, io.signal).catch(() => {}); // It needs a separate right, and nothing depends on it.
  return s3Store(client, presence, options);
}

/** Opens an existing store without creating anything. Undefined if the bucket contains no store. */
export async function findS3Store(options: S3StoreOptions, io: Io = {}): Promise<Store | undefined> {
  const { client, presence } = connect(options);
  if ((await presence.formatOf(io.signal)) === undefined) return undefined;
  return s3Store(client, presence, options);
}

function connect({ address, keys, ...options }: S3StoreOptions) {
  const client = connectS3(parseS3Address(address), keys, options);
  return { client, presence: new S3Presence(client) };
}

/**
 * A store in a bucket: one object per key, all under the address's prefix. S3 writes objects atomically; `version` is the
 * ETag, which changes with the bytes. Large objects are uploaded in parts (s3-upload.ts); the checksum of whole objects is
 * verified when they are read (s3-verifier.ts). Local files come from a cache.
 */
async function s3Store(
  client: S3Client,
  presence: S3Presence,
  { cache, keys, directUploads, partBytes = PART_BYTES, pageKeys = PAGE_KEYS }: S3StoreOptions,
): Promise<Store> {
  const { prefix } = client.address;
  const presign = s3Presigner(client.address, keys);
  const spool = await openTemporaryFolder(join(resolve(cache.folder), "spool")).catch((error: unknown) => {
    throw diskError(`use ${cache.folder} as the cache`, error);
  });

  async function head(key: string, signal: AbortSignal | undefined) {
    checkedKey(key);
    signal?.throwIfAborted();
    const sentAt = performance.now();
    const request = { method: "HEAD", object: prefix + key } as const;
    const { status, headers } = await client.call(request, { accept: [404], signal });
    if (status !== 404) return infoFromHeaders(key, headers);
    // Its answer has no body: a missing bucket looks like a missing key.
    await presence.assertThere(signal, { since: sentAt });
    return undefined;
  }

  const writer = s3Writer({ client, presence, head, partBytes, newPath: spool.newPath });
  const inBucket: BlobStore = {
    head: (key, { signal } = {}) => head(key, signal),
    ...s3Reader({ client, presence }),
    ...writer,
    ...s3Removal(client),
    ...s3Listing({ client, presence, pageKeys }),
    async ping({ signal } = {}) {
      signal?.throwIfAborted();
      await presence.assertThere(signal, { since: performance.now() });
    },
  };
  const files = await openCachedFiles(inBucket, cache);
  return {
    ...inBucket,
    async put(key, body, io = {}) {
      if (!io.content || !isMoved(body)) return writer.put(key, body, io);
      const written = await writer.put(key, { path: body.path }, io);
      if (written) await files.adopt(body.path, key, io.content, io);
      else await rm(body.path, { force: true });
      return written;
    },
    files,
    traffic: client.traffic,
    presentForMs: PRESENT_FOR_MS,
    directUploads: s3DirectUploads(client, keys, directUploads),
    presign: presign && (async (key, options) => presign(prefix + checkedKey(key), options)),
  };
}

/** A stream of a file has a `path`, too. */
const isMoved = (body: BlobBody): body is LocalBody =>
  "path" in body && !(Symbol.asyncIterator in body) && body.move === true;
