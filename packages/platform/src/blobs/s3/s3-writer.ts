import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rm, stat, writeFile } from "node:fs/promises";
import { PolyreelError } from "../../errors.js";
import { diskError, systemCode } from "../../files/disk-error.js";
import { abortable } from "../abortable.js";
import { checkedKey } from "../keys.js";
import { meter } from "../meter.js";
import type { BlobBody, BlobInfo, BlobStore, LocalBody, PutOptions } from "../store.js";
import { EMPTY_BODY, inParts, type S3Body } from "./s3-body.js";
import type { S3Answer, S3Client } from "./s3-client.js";
import { checksumHeader, PART_BYTES_HEADER, SHA256_HEADER, WRITE_HEADER } from "./s3-objects.js";
import type { S3Presence } from "./s3-presence.js";
import { upload } from "./s3-upload.js";

const READ_BYTES = 1 << 20;
/** S3's limit. */
const MAX_PARTS = 10_000;

interface WriterOptions {
  readonly client: S3Client;
  readonly presence: S3Presence;
  readonly head: (key: string, signal: AbortSignal | undefined) => Promise<BlobInfo | undefined>;
  /** Objects up to this size are written by one request, larger ones in parts of it. */
  readonly partBytes: number;
  /** A local path of no file yet, for streams that are larger than a part and get their name by their hash. */
  readonly newPath: () => Promise<string>;
}

interface Writing {
  readonly key: string;
  readonly parts: AsyncIterable<S3Body>;
  /** Called after the last byte; throws where they are not those expected. */
  readonly check: () => void;
  readonly io: PutOptions;
}

/** Writes objects: each is there whole or not at all, and every byte is compared by the server with our checksum. */
export function s3Writer({
  client,
  presence,
  head,
  partBytes,
  newPath,
}: WriterOptions): Pick<BlobStore, "put" | "putHashed"> {
  const { prefix } = client.address;

  async function write({ key, parts, check, io: { ifAbsent, sha256, signal } }: Writing): Promise<boolean> {
    await presence.assertThere(signal); // a bucket that was emptied is not to be filled
    const object = prefix + key;
    const writeId = randomUUID();
    const condition = ifAbsent ? { "if-none-match": "*" } : {};
    const own = { [WRITE_HEADER]: writeId, "content-type": "application/octet-stream" };
    const remaining = parts[Symbol.asyncIterator]();
    let answer: S3Answer;
    try {
      const first = await remaining.next();
      const second = await remaining.next();
      if (first.done || second.done) {
        check();
        signal?.throwIfAborted();
        const body = first.done ? EMPTY_BODY : first.value;
        const headers = { ...own, ...condition, ...checksumHeader(body), [SHA256_HEADER]: body.sha256.toString("hex") };
        answer = await client.call({ method: "PUT", object, headers, body }, { accept: [412], signal });
      } else {
        answer = await upload(client, {
          object,
          headers: { ...own, [PART_BYTES_HEADER]: String(partBytes), ...(sha256 && { [SHA256_HEADER]: sha256 }) },
          completeHeaders: condition,
          parts: limited(joined([first.value, second.value], remaining)),
          check,
          signal,
        });
      }
    } finally {
      await remaining.return?.();
    }
    if (answer.status < 300) return true;
    // Carried out by an attempt whose answer was lost?
    const isOurs = (await writeIdOf(object, signal)) === writeId;
    if (isOurs || answer.status === 412) return isOurs;
    throw new PolyreelError("unavailable", {
      reason: `The upload of ${key} to the store was removed before it was complete.`,
      remedy: "It is sent again; if this repeats, see whether a rule of the bucket removes uploads too soon.",
    });
  }

  async function* limited(parts: AsyncIterable<S3Body>): AsyncGenerator<S3Body> {
    let count = 0;
    for await (const part of parts) {
      if (++count > MAX_PARTS) {
        throw new PolyreelError("invalid", {
          reason: `It is larger than ${MAX_PARTS * partBytes} bytes, the most that a store on S3 takes.`,
          remedy: "Send a smaller file.",
        });
      }
      yield part;
    }
  }

  async function writeIdOf(object: string, signal: AbortSignal | undefined): Promise<string | undefined> {
    const { status, headers } = await client.call({ method: "HEAD", object }, { accept: [404], signal });
    return status === 404 ? undefined : String(headers[WRITE_HEADER] ?? "");
  }

  /** The bytes, counted, hashed and compared with what is expected as they pass. */
  function writing(key: string, bytes: AsyncIterable<Uint8Array>, io: PutOptions): Writing {
    const { signal, sha256, maxBytes } = io;
    const expected = { ...(sha256 !== undefined && { sha256 }), ...(maxBytes !== undefined && { maxBytes }) };
    const metered = meter(expected);
    return {
      key,
      parts: inParts(metered.pass(abortable(bytes, signal)), partBytes),
      check: () => metered.finish(),
      io,
    };
  }

  return {
    async put(key, body, io = {}) {
      checkedKey(key);
      const { signal, ifAbsent } = io;
      signal?.throwIfAborted();
      if (ifAbsent && (await head(key, signal))) return discard(body);
      const bytes = await bytesOf(body);
      const written = await write(writing(key, bytes, io));
      await discard(body);
      return written;
    },

    async putHashed(keyPrefix, bytes, { signal, ifAbsent, ...limits } = {}) {
      const keyOf = (sha256: string) => checkedKey(`${keyPrefix}/${sha256}`);
      keyOf("0".repeat(64)); // nothing is read for a prefix that is none
      signal?.throwIfAborted();
      const metered = meter(limits);
      const parts = inParts(metered.pass(abortable(bytes, signal)), partBytes);
      const condition = ifAbsent ? { ifAbsent } : {};
      try {
        const first = await parts.next();
        const second = await parts.next();
        if (first.done || second.done) {
          const sha256 = metered.finish();
          const body = first.done ? EMPTY_BODY : first.value;
          const io = { signal, sha256, ...condition };
          const written = await write({ key: keyOf(sha256), parts: only(body), check: () => {}, io });
          return { sha256, sizeBytes: metered.sizeBytes, written };
        }
        // Its name is known only at its end, and S3 renames nothing.
        const path = await newPath();
        try {
          await spool(joined([first.value, second.value], parts), path);
          const sha256 = metered.finish();
          const { sizeBytes } = metered;
          const key = keyOf(sha256);
          if (ifAbsent && (await head(key, signal))) return { sha256, sizeBytes, written: false };
          const spooled = createReadStream(path, { highWaterMark: READ_BYTES });
          const written = await write(writing(key, spooled, { signal, sha256, ...condition }));
          return { sha256, sizeBytes, written };
        } finally {
          await rm(path, { force: true });
        }
      } finally {
        await parts.return(undefined);
      }
    },
  };
}

/** These, and what an iterator gives after them. */
async function* joined<T>(first: readonly T[], others: AsyncIterator<T>): AsyncGenerator<T> {
  yield* first;
  for (let next = await others.next(); !next.done; next = await others.next()) yield next.value;
}

async function* only<T>(item: T): AsyncGenerator<T> {
  yield item;
}

async function spool(parts: AsyncIterable<S3Body>, path: string): Promise<void> {
  try {
    await using file = await open(path, "wx");
    for await (const { chunks } of parts) for (const chunk of chunks) await writeFile(file, chunk);
  } catch (error) {
    throw diskError("write to the folder of the cache (POLYREEL_CACHE)", error);
  }
}

/** A stream of a file has a `path`, too. */
const isLocal = (body: BlobBody): body is LocalBody => "path" in body && !(Symbol.asyncIterator in body);

async function bytesOf(body: BlobBody): Promise<AsyncIterable<Uint8Array>> {
  if (body instanceof Uint8Array) return only(body);
  if (!isLocal(body)) return body;
  const { path } = body;
  const found = await stat(path).catch((error: unknown) => {
    if (systemCode(error) !== "ENOENT") throw diskError(`read ${path}`, error);
    throw new PolyreelError("not_found", `There is no file ${path}.`);
  });
  // A pipe or a device may never end.
  if (!found.isFile()) throw new PolyreelError("invalid", `${path} is not a file.`);
  return createReadStream(path, { highWaterMark: READ_BYTES });
}

/** What was to be moved is gone afterwards, in either case. */
async function discard(body: BlobBody): Promise<false> {
  if (isLocal(body) && body.move) await rm(body.path, { force: true });
  return false;
}
