import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { PolyreelError } from "../../errors.js";
import { checkedKey } from "../keys.js";
import type { BlobStore, ByteRange } from "../store.js";
import type { S3Client } from "./s3-client.js";
import { damagedObject, wrongBytes } from "./s3-errors.js";
import type { S3Presence } from "./s3-presence.js";
import { verifierOf } from "./s3-verifier.js";

const WHOLE: ByteRange = { start: 0, end: Number.POSITIVE_INFINITY };

interface ReaderOptions {
  readonly client: S3Client;
  readonly presence: S3Presence;
}

/**
 * Reads objects: resumes where a connection broke, and verifies the checksum of whole objects. A wrong one is either that of bytes that
 * changed in transit (`unavailable`), or that of a damaged object (DamagedObject): a second reading determines which.
 */
export function s3Reader({ client, presence }: ReaderOptions): Pick<BlobStore, "read"> {
  const { address } = client;

  /** Undefined if the object has no byte of the range. Throws PolyreelError `not_found`. */
  async function open(
    key: string,
    { start, end }: ByteRange,
    version: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<IncomingMessage | undefined> {
    const headers: Record<string, string> = { "x-amz-checksum-mode": "ENABLED" };
    if (start > 0 || end !== Number.POSITIVE_INFINITY) {
      headers.range = `bytes=${start}-${end === Number.POSITIVE_INFINITY ? "" : end - 1}`;
    }
    if (version !== undefined) headers["if-match"] = version;
    const request = { method: "GET", object: address.prefix + key, headers } as const;
    const sentAt = performance.now();
    const response = await client.open(request, { accept: [404, 412, 416], signal });
    switch (response.statusCode) {
      case 404:
        // Readers take a missing object for a lost one.
        await presence.assertThere(signal, { since: sentAt });
        throw new PolyreelError("not_found", `The store has no ${key}.`);
      case 412:
        throw wrongBytes(key, "another version in the middle of reading", address);
      case 416:
        return undefined;
      default:
        if (headers.range === undefined || response.statusCode === 206) return response;
        response.destroy();
        throw wrongBytes(key, "the whole object instead of a range", address);
    }
  }

  /** The bytes of a response and, if its connection breaks, of those to further requests. */
  async function* resumed(
    key: string,
    start: number,
    first: IncomingMessage,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Buffer> {
    const { etag } = first.headers;
    const last = start + Number(first.headers["content-length"] ?? 0);
    let at = start;
    let failed = 0;
    for (let response: IncomingMessage | undefined = first; response; ) {
      try {
        for await (const chunk of client.bytesOf(response, signal)) {
          at += chunk.length;
          failed = 0;
          yield chunk;
        }
        response = undefined;
      } catch (error) {
        await sleep(client.delayAfterFailure(error, ++failed), undefined, { signal });
        response = at < last ? await open(key, { start: at, end: last }, etag, signal) : undefined;
      }
    }
    if (at !== last) throw wrongBytes(key, `${at - start} of ${last - start} bytes`, address);
  }

  /** Reads a whole object once more; returns whether it has another checksum again. */
  async function isDamaged(key: string, version: string | undefined, signal: AbortSignal | undefined) {
    const response = await open(key, WHOLE, version, signal);
    const verifier = response && verifierOf(response.headers);
    if (response) for await (const chunk of resumed(key, 0, response, signal)) verifier?.add(chunk);
    return verifier?.isRight() === false;
  }

  return {
    async *read(key, { range, signal } = {}) {
      checkedKey(key);
      const { start, end } = checkedRange(range);
      signal?.throwIfAborted();
      if (start === end) {
        // S3 has no empty ranges; a missing key is an error all the same.
        await open(key, { start: 0, end: 1 }, undefined, signal).then((response) => response?.destroy());
        return;
      }
      const first = await open(key, { start, end }, undefined, signal);
      if (!first) return;
      const isWhole = range === undefined && first.statusCode === 200;
      const verifier = isWhole ? verifierOf(first.headers) : undefined;
      for await (const chunk of resumed(key, start, first, signal)) {
        verifier?.add(chunk);
        yield chunk;
      }
      if (verifier?.isRight() !== false) return;
      if (await isDamaged(key, first.headers.etag, signal)) throw damagedObject(key, address);
      throw wrongBytes(key, "bytes with another checksum", address);
    },
  };
}

function checkedRange({ start, end }: ByteRange = WHOLE): ByteRange {
  if (start >= 0 && end >= start) return { start, end };
  throw new PolyreelError("invalid", `${start} to ${end} is not a range of bytes.`);
}
