import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import contentDisposition from "content-disposition";
import { byteRange } from "./byte-range.js";
import type { Output } from "./outputs.js";
import { preconditions, rangeCounts, type Validators } from "./preconditions.js";

/** An answer to a GET or HEAD of content. */
export interface ContentAnswer {
  readonly status: 200 | 206 | 304 | 412 | 416;
  readonly headers: OutgoingHttpHeaders;
  /** To be sent as it comes; empty for HEAD, and for all statuses from 304 on. */
  readonly body: AsyncIterable<Uint8Array>;
}

interface ContentRequest {
  readonly method?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Answers with content as players and downloads expect it: ranges and conditional requests. Its first bytes are read
 * before this returns, so that a missing part is reported by the status. `type`: whether a browser shows or saves it.
 */
export async function answerContent(
  { method, headers }: ContentRequest,
  content: Output,
  type: "inline" | "attachment" = "inline",
): Promise<ContentAnswer> {
  const validators = { etag: `"${content.sha256OfHashes}"`, lastModified: content.renderedAt };
  const verdict = preconditions(headers, validators);
  if (verdict !== "proceed")
    return { status: verdict === "failed" ? 412 : 304, headers: validatorsOf(validators), body: nothing() };
  const { sizeBytes } = content;
  // Ranges are defined for GET only (RFC 9110, section 14.2).
  const counts = method === "GET" && rangeCounts(headers["if-range"], validators.etag);
  const range = counts ? byteRange(headers.range, sizeBytes) : undefined;
  if (range === "unsatisfiable") {
    const unsatisfiable = { "Content-Range": `bytes */${sizeBytes}`, ...validatorsOf(validators) };
    return { status: 416, headers: unsatisfiable, body: nothing() };
  }
  const { start, end } = range ?? { start: 0, end: sizeBytes };
  const bytes = content.read(start, method === "HEAD" ? start : end);
  const first = await bytes.next();
  return {
    status: range ? 206 : 200,
    headers: {
      "Content-Type": content.contentType,
      "Content-Length": end - start,
      "Content-Disposition": disposition(content.fileName, type),
      "X-Content-Type-Options": "nosniff",
      ...(range && { "Content-Range": `bytes ${start}-${end - 1}/${sizeBytes}` }),
      ...validatorsOf(validators),
    },
    body: from(first, bytes),
  };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** The rest of a generator, after its first result. */
async function* from(first: IteratorResult<Uint8Array>, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (first.done) return;
  try {
    yield first.value;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

/** Saved under its name without folders: in ASCII for old clients, and in UTF-8 for others. */
function disposition(path: string, type: "inline" | "attachment"): string {
  const fileName = path.slice(path.lastIndexOf("/") + 1);
  return contentDisposition(fileName, { type, fallback: fileName.replace(/[^\x20-\x7e]/gu, "_") });
}

/** Headers that a response without content has too. An output that is rendered again may differ: caches must revalidate. */
const validatorsOf = ({ etag, lastModified }: Validators): OutgoingHttpHeaders => ({
  "Accept-Ranges": "bytes",
  "Cache-Control": "no-cache",
  ETag: etag,
  "Last-Modified": lastModified.toUTCString(),
});
