import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Presign, PresignOptions } from "../presign.js";
import { parseS3Address, type S3Address } from "./s3-address.js";
import type { S3Body } from "./s3-body.js";
import type { S3Client } from "./s3-client.js";
import { type ConnectOptions, connectS3, PAGE_KEYS, PART_BYTES } from "./s3-connect.js";
import { ConnectionFailure } from "./s3-connection.js";
import { wrongBytes } from "./s3-errors.js";
import type { S3KeySource } from "./s3-keys.js";
import { listPages } from "./s3-listing.js";
import { checksumHeader, WRITE_HEADER } from "./s3-objects.js";
import { s3Presigner } from "./s3-presigner.js";
import type { S3Terms } from "./s3-terms.js";
import { abortUpload, listUploads, upload } from "./s3-upload.js";
import { verifierOf } from "./s3-verifier.js";
import { children, text } from "./s3-xml.js";

export interface S3PrefixOptions extends ConnectOptions {
  /** `s3://bucket/prefix?endpoint=...`, or parsed. */
  readonly address: string | S3Address;
  readonly terms: S3Terms;
  readonly keys: S3KeySource;
  /** At least 5 MiB, by S3's rules. */
  readonly partBytes?: number;
  readonly pageKeys?: number;
}

/** How long a check of the bucket stays valid. */
const FOUND_MS = 5_000;

/** Writes only if there is no object with the key, or only if the object still has this ETag. */
export type WriteCondition = { readonly "if-none-match": "*" } | { readonly "if-match": string };

export interface PrefixWrite {
  /** Identifies the write in the metadata, to find out whether it took effect although its response was lost. */
  readonly writeId: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly condition?: WriteCondition;
  /** Called right before the object becomes visible; throws to prevent that. */
  readonly check?: () => void | Promise<void>;
  /** Called if an incomplete multipart upload may be left. */
  readonly onLeftover?: () => void;
  readonly signal: AbortSignal | undefined;
}

/** An object whose bytes are read, or which is closed. */
export interface OpenObject extends Disposable {
  readonly sizeBytes: number;
  /** Throws PolyreelError `unavailable` unless all of them arrive, with the checksum that the object was written with. */
  bytes(): AsyncGenerator<Buffer>;
}

export interface ListedObject {
  readonly key: string;
  readonly sizeBytes: number;
}

/** Objects with any names below the prefix of an address. Keys are relative to the prefix. */
export class S3Prefix {
  readonly partBytes: number;
  readonly #client: S3Client;
  readonly #pageKeys: number;
  readonly #presign: Presign | undefined;
  #bucketFoundAt = Number.NEGATIVE_INFINITY;

  constructor({ address, terms, keys, partBytes = PART_BYTES, pageKeys = PAGE_KEYS, ...options }: S3PrefixOptions) {
    this.partBytes = partBytes;
    this.#pageKeys = pageKeys;
    const parsed = typeof address === "string" ? parseS3Address(address, terms) : { ...address, terms };
    this.#client = connectS3(parsed, keys, options);
    this.#presign = s3Presigner(parsed, keys);
  }

  get address(): S3Address {
    return this.#client.address;
  }

  /** For users and programs: `s3://bucket/prefix/key`. */
  uriOf(key: string): string {
    return `s3://${this.address.bucket}/${this.#objectOf(key)}`;
  }

  /** A link to an object; undefined if the address has no endpoint for links. */
  async link(key: string, options: PresignOptions): Promise<string | undefined> {
    return this.#presign?.(this.#objectOf(key), options);
  }

  /** The headers of an object; undefined if it does not exist. */
  async head(key: string, signal?: AbortSignal): Promise<IncomingHttpHeaders | undefined> {
    const request = { method: "HEAD", object: this.#objectOf(key) } as const;
    const { status, headers } = await this.#client.call(request, { accept: [404], signal });
    return status === 404 ? undefined : headers;
  }

  /** Opens an object; undefined if it does not exist. */
  async open(key: string, signal?: AbortSignal): Promise<OpenObject | undefined> {
    const headers = { "x-amz-checksum-mode": "ENABLED" };
    const request = { method: "GET", object: this.#objectOf(key), headers } as const;
    const response = await this.#client.open(request, { accept: [404], signal });
    if (response.statusCode === 404) return undefined;
    return {
      sizeBytes: Number(response.headers["content-length"] ?? 0),
      bytes: () => wholeBytes(this.#client, { key, response, signal }),
      [Symbol.dispose]: () => void response.destroy(),
    };
  }

  /**
   * Writes an object: one body in one request, several in a multipart upload with at most two parts in memory. Returns
   * whether it was written: false if the condition failed, or the upload was removed before it was complete.
   */
  async write(key: string, bytes: S3Body | AsyncIterable<S3Body>, write: PrefixWrite): Promise<boolean> {
    const { writeId, headers, condition, check = () => {}, onLeftover, signal } = write;
    const object = this.#objectOf(key);
    const own = { ...headers, [WRITE_HEADER]: writeId };
    const whole = async (body: S3Body) => {
      await check();
      signal?.throwIfAborted();
      const request = {
        method: "PUT",
        object,
        headers: { ...own, ...condition, ...checksumHeader(body) },
        body,
      } as const;
      return this.#client.call(request, { accept: [404, 412], signal });
    };
    const { status } = await (Symbol.asyncIterator in bytes
      ? upload(this.#client, {
          ...{ object, headers: own, completeHeaders: { ...condition }, parts: bytes },
          ...{ check, onLeftover, signal },
        })
      : whole(bytes));
    if (status < 300) return true;
    // An earlier attempt may have taken effect, its response lost.
    return (await this.head(key, signal))?.[WRITE_HEADER] === writeId;
  }

  /**
   * Removes an object if it still has this ETag; returns false if it has another one. A server without conditional
   * removal removes it in any case.
   */
  async remove(key: string, etag: string, signal?: AbortSignal): Promise<boolean> {
    const request = { method: "DELETE", object: this.#objectOf(key) } as const;
    const conditional = { ...request, headers: { "if-match": etag } };
    const { status } = await this.#client.call(conditional, { accept: [404, 412, 501], signal });
    if (status === 501) await this.#client.call(request, { accept: [404], signal });
    return status !== 412;
  }

  async erase(key: string, signal?: AbortSignal): Promise<void> {
    await this.#client.call({ method: "DELETE", object: this.#objectOf(key) }, { accept: [404], signal });
  }

  /** Lists objects by a prefix of their keys; unless `deep`, only those without another "/" after it. */
  async *list(
    prefix: string,
    { deep = false, signal }: { readonly deep?: boolean; readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<ListedObject> {
    const listed = { prefix: this.#objectOf(prefix), pageKeys: this.#pageKeys, signal };
    for await (const page of listPages(this.#client, { ...listed, ...(!deep && { delimiter: "/" }) })) {
      for (const entry of children(page, "Contents")) {
        const key = text(entry, "Key").slice(this.address.prefix.length);
        if (!key.endsWith("/")) yield { key, sizeBytes: Number(text(entry, "Size")) }; // Consoles create folders as such objects.
      }
    }
  }

  /**
   * Throws if the bucket cannot be used. Needed before creating objects: some servers create a missing bucket for an object,
   * though its name may be mistyped. `now`: checks even if it was checked a moment ago.
   */
  async assertBucket({
    now = false,
    signal,
  }: {
    readonly now?: boolean;
    readonly signal?: AbortSignal;
  } = {}): Promise<void> {
    if (!now && performance.now() - this.#bucketFoundAt < FOUND_MS) return;
    const query = { "list-type": "2", "max-keys": "1", prefix: this.address.prefix };
    await this.#client.call({ method: "GET", query }, { signal });
    this.#bucketFoundAt = performance.now();
  }

  /** Aborts multipart uploads of an object that began at or after this time. */
  async abortUploads(key: string, since: Date, signal?: AbortSignal): Promise<void> {
    const object = this.#objectOf(key);
    for (const found of await listUploads(this.#client, signal, object)) {
      if (found.object === object && found.begunAt >= since.getTime()) {
        await abortUpload(this.#client, object, found.uploadId);
      }
    }
  }

  #objectOf(key: string): string {
    return this.address.prefix + key;
  }
}

async function* wholeBytes(
  client: S3Client,
  { key, response, signal }: { key: string; response: IncomingMessage; signal: AbortSignal | undefined },
): AsyncGenerator<Buffer> {
  const sizeBytes = Number(response.headers["content-length"] ?? 0);
  const verifier = verifierOf(response.headers);
  let received = 0;
  try {
    for await (const chunk of client.bytesOf(response, signal)) {
      received += chunk.length;
      verifier?.add(chunk);
      yield chunk;
    }
  } catch (error) {
    throw error instanceof ConnectionFailure ? error.failure.error : error;
  }
  const { address } = client;
  if (received !== sizeBytes) throw wrongBytes(key, `${received} of ${sizeBytes} bytes`, address);
  if (verifier?.isRight() === false) throw wrongBytes(key, "bytes with another checksum", address);
}
