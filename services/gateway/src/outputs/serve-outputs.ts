import { OUTPUT_URL_ROOT } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import type { Log } from "@polyreel/platform/runtime";
import { assertPermitted } from "../access/permitted.js";
import { callerOf } from "../access/with-callers.js";
import type { Call } from "../call/call.js";
import { identify, TENANT_HEADER } from "../call/identify.js";
import { claimOf } from "../links/link-claims.js";
import { signInAddress } from "../people/web/sign-in-address.js";
import type { Handler } from "../server/one-port.js";
import { pathOf } from "../server/router.js";
import { answerBytes, READING_METHODS, type ServedFile, sendBytes } from "../web/answer-bytes.js";
import type { Output, Outputs } from "./outputs.js";
import { refuse } from "./refuse.js";

type Request = Parameters<Handler>[0];
type Response = Parameters<Handler>[1];

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
      if (left.signal.aborted) return;
      const signInAt = signInAddress(request, error);
      if (signInAt === undefined) return refuse(response, error, log);
      response.writeHead(303, { Location: signInAt });
      response.end();
    });
  };
}

async function answer(outputs: Outputs, request: Request, response: Response, signal: AbortSignal): Promise<void> {
  if (!READING_METHODS.includes(request.method ?? "")) {
    response.writeHead(405, { Allow: READING_METHODS.join(", ") });
    response.end();
    return;
  }
  const call = callOf(request, signal);
  assertPermitted(call.principal, "viewer");
  const output = await find(outputs, request, call);
  await sendBytes(await answerBytes(request, asFile(output)), response, signal);
}

const asFile = (output: Output): ServedFile => ({
  fileName: output.fileName,
  contentType: output.contentType,
  sizeBytes: output.sizeBytes,
  disposition: "inline",
  etag: `"${output.sha256OfHashes}"`,
  lastModified: output.renderedAt,
  read: (start, end) => output.read(start, end),
});

/** HTTP/1.1 joins repeated headers, which makes an invalid tenant name. */
const callOf = (request: Request, signal: AbortSignal): Call =>
  identify(
    { header: request.headers[TENANT_HEADER]?.toString() ?? null, link: claimOf(request), caller: callerOf(request) },
    signal,
  );

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
