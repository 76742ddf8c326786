import { once } from "node:events";
import type { OutgoingHttpHeaders } from "node:http";
import type { Writable } from "node:stream";
import { OUTPUT_URL_ROOT } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import type { Log } from "@polyreel/platform/runtime";
import contentDisposition from "content-disposition";
import type { Call } from "../call/call.js";
import { identify, TENANT_HEADER } from "../call/identify.js";
import { claimOf } from "../links/link-claims.js";
import type { Handler } from "../server/one-port.js";
import { pathOf } from "../server/router.js";
import { byteRange } from "./byte-range.js";
import type { Output, Outputs } from "./outputs.js";
import { preconditions, rangeCounts, type Validators } from "./preconditions.js";
import { refuse } from "./refuse.js";

type Request = Parameters<Handler>[0];
type Response = Parameters<Handler>[1];

const METHODS = ["GET", "HEAD"];

/**
 * Serves outputs to players and downloads: ranges, conditional requests, HTTP/1.1 and HTTP/2, with backpressure.
 * Reading stops when the client disconnects.
 */
export function serveOutputs(outputs: Outputs, log: Log): Handler {
  return (request, response) => {
    const left = new AbortController();
    response.once("close", () => left.abort());
    response.on("error", () => {}); // A client that disconnected.
    answer(outputs, request, response, left.signal).catch((error: unknown) => {
      if (!left.signal.aborted) refuse(response, error, log);
    });
  };
}

async function answer(outputs: Outputs, request: Request, response: Response, signal: AbortSignal): Promise<void> {
  const { method = "", headers } = request;
  if (!METHODS.includes(method)) {
    response.writeHead(405, { Allow: METHODS.join(", ") });
    response.end();
    return;
  }
  const output = await find(outputs, request, callOf(request, signal));
  const validators = { etag: `"${output.sha256OfHashes}"`, lastModified: output.renderedAt };
  const verdict = preconditions(headers, validators);
  if (verdict !== "proceed") {
    response.writeHead(verdict === "failed" ? 412 : 304, validatorsOf(validators));
    response.end();
    return;
  }
  const { sizeBytes } = output;
  // Ranges are defined for GET only (RFC 9110, section 14.2).
  const counts = method === "GET" && rangeCounts(headers["if-range"], validators.etag);
  const range = counts ? byteRange(headers.range, sizeBytes) : undefined;
  if (range === "unsatisfiable") {
    response.writeHead(416, { "Content-Range": `bytes */${sizeBytes}`, ...validatorsOf(validators) });
    response.end();
    return;
  }
  const { start, end } = range ?? { start: 0, end: sizeBytes };
  const body = output.read(start, method === "HEAD" ? start : end);
  // Read before the headers are sent: a missing part is reported by the status.
  const first = await body.next();
  response.writeHead(range ? 206 : 200, {
    "Content-Type": output.contentType,
    "Content-Length": end - start,
    "Content-Disposition": disposition(output.fileName),
    "X-Content-Type-Options": "nosniff",
    ...(range && { "Content-Range": `bytes ${start}-${end - 1}/${sizeBytes}` }),
    ...validatorsOf(validators),
  });
  const client: Writable = response;
  for (let next = first; !next.done; next = await body.next()) {
    signal.throwIfAborted();
    if (!client.write(next.value)) await once(client, "drain", { signal });
  }
  client.end();
}

/** Displayed inline, saved under its name without folders: in ASCII for old clients, and in UTF-8 for others. */
function disposition(path: string): string {
  const fileName = path.slice(path.lastIndexOf("/") + 1);
  return contentDisposition(fileName, { type: "inline", fallback: fileName.replace(/[^\x20-\x7e]/gu, "_") });
}

/** Headers that a response without content has too. An output that is rendered again may differ: caches must revalidate. */
const validatorsOf = ({ etag, lastModified }: Validators): OutgoingHttpHeaders => ({
  "Accept-Ranges": "bytes",
  "Cache-Control": "no-cache",
  ETag: etag,
  "Last-Modified": lastModified.toUTCString(),
});

/** HTTP/1.1 joins repeated headers, which makes an invalid tenant name. */
const callOf = (request: Request, signal: AbortSignal): Call =>
  identify({ header: request.headers[TENANT_HEADER]?.toString() ?? null, link: claimOf(request) }, signal);

/** The output by its URL, with or without its file name. */
async function find(outputs: Outputs, { url = "" }: Request, { scope }: Call): Promise<Output> {
  const segments = pathOf(url).slice(OUTPUT_URL_ROOT.length).split("/");
  const [batchId = "", combinationId = "", ...names] = segments.map(decoded);
  return outputs.find(batchId, combinationId, scope, { fileName: names.length > 0 ? names.join("/") : undefined });
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new PolyreelError("invalid", "The URL is not encoded as UTF-8.");
  }
}
