import { once } from "node:events";
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import type { Writable } from "node:stream";
import contentDisposition from "content-disposition";
import { byteRange } from "../outputs/byte-range.js";
import { preconditions, rangeCounts, type Validators } from "../outputs/preconditions.js";
import type { Handler } from "../server/one-port.js";

type Response = Parameters<Handler>[1];

/** Methods of what is only read. */
export const READING_METHODS = ["GET", "HEAD"];

/** A file to be served. */
export interface ServedFile extends Validators {
  /** With folders, which are left out when it is saved. */
  readonly fileName: string;
  readonly contentType: string;
  readonly sizeBytes: number;
  /** Whether browsers show it or save it. */
  readonly disposition: "inline" | "attachment";
  /** Bytes `start` (inclusive) to `end` (exclusive), on demand. */
  read(start: number, end: number): AsyncGenerator<Uint8Array>;
}

/** A response whose first bytes were read already. */
export interface ByteAnswer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body?: AsyncIterator<Uint8Array>;
  readonly first?: IteratorResult<Uint8Array>;
}

/** Answers a GET or HEAD: ranges, conditional requests. Throws if the first byte cannot be read. */
export async function answerBytes(
  { method = "", headers }: { readonly method?: string | undefined; readonly headers: IncomingHttpHeaders },
  file: ServedFile,
): Promise<ByteAnswer> {
  const verdict = preconditions(headers, file);
  if (verdict !== "proceed") return { status: verdict === "failed" ? 412 : 304, headers: validatorsOf(file) };
  const { sizeBytes } = file;
  // Ranges are defined for GET only (RFC 9110, section 14.2).
  const counts = method === "GET" && rangeCounts(headers["if-range"], file.etag);
  const range = counts ? byteRange(headers.range, sizeBytes) : undefined;
  if (range === "unsatisfiable") {
    return { status: 416, headers: { "Content-Range": `bytes */${sizeBytes}`, ...validatorsOf(file) } };
  }
  const { start, end } = range ?? { start: 0, end: sizeBytes };
  const body = file.read(start, method === "HEAD" ? start : end);
  return {
    status: range ? 206 : 200,
    headers: {
      "Content-Type": file.contentType,
      "Content-Length": end - start,
      "Content-Disposition": disposition(file.fileName, file.disposition),
      "X-Content-Type-Options": "nosniff",
      ...(range && { "Content-Range": `bytes ${start}-${end - 1}/${sizeBytes}` }),
      ...validatorsOf(file),
    },
    body,
    // Read before the headers are sent: missing bytes are reported by the status.
    first: await body.next(),
  };
}

/**
 * Sends an answer as fast as its client reads. Throws the signal's reason when the client disconnects; the body is not read
 * further.
 */
export async function sendBytes(
  { status, headers, body, first }: ByteAnswer,
  response: Response,
  signal: AbortSignal,
): Promise<void> {
  const client: Writable = response;
  let next = first;
  try {
    response.writeHead(status, headers);
    for (; next && !next.done; next = await body?.next()) {
      signal.throwIfAborted();
      if (!client.write(next.value)) await once(client, "drain", { signal });
    }
    client.end();
  } finally {
    if (next && !next.done) await body?.return?.();
  }
}

/** Saved under its name without folders: in ASCII for old clients, and in UTF-8 for others. */
export function disposition(path: string, type: ServedFile["disposition"]): string {
  const fileName = path.slice(path.lastIndexOf("/") + 1);
  return contentDisposition(fileName, { type, fallback: fileName.replace(/[^\x20-\x7e]/gu, "_") });
}

/** Headers that a response without content has too. Files may be replaced: caches must revalidate. */
const validatorsOf = ({ etag, lastModified }: Validators): OutgoingHttpHeaders => ({
  "Accept-Ranges": "bytes",
  "Cache-Control": "no-cache",
  ETag: etag,
  "Last-Modified": lastModified.toUTCString(),
});
