import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { PolyreelError } from "@polyreel/platform";
import { type Admission, checkedAddress, checkedLookup, systemResolve } from "@polyreel/platform/web";

/** Discovery documents, key sets and token responses have a few kilobytes. */
const MAX_BYTES = 512 * 1024;
const TIMEOUT_MS = 5_000;

/** What `openid-client` passes, too. */
export interface FetchInit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

export type ProviderFetch = (url: string, init?: FetchInit) => Promise<Response>;

/**
 * Fetches from a provider: within a deadline, up to a size, to admitted addresses only, following no redirect. A provider's
 * documents may name any address. Errors quote no address's query.
 */
export function providerFetch(admission: Admission): ProviderFetch {
  return async (address, { method = "GET", headers = {}, body, signal } = {}) => {
    const url = checkedAddress(address, admission);
    const secure = url.protocol === "https:";
    const deadline = AbortSignal.timeout(TIMEOUT_MS);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = (secure ? requestHttps : requestHttp)(url, {
        ...{ method, headers, signal: signal ? AbortSignal.any([signal, deadline]) : deadline },
        lookup: checkedLookup(admission, systemResolve, url.host, { secure }),
        agent: false,
      });
      request.on("response", resolve).on("error", reject);
      request.end(body === undefined || body === null ? undefined : String(body));
    });
    const status = response.statusCode ?? 0;
    const bytes = await readBounded(response, url.host);
    const type = response.headers["content-type"];
    const isBodiless = [204, 205, 304].includes(status);
    return new Response(isBodiless ? null : bytes, { status, headers: type ? { "content-type": type } : {} });
  };
}

async function readBounded(response: IncomingMessage, host: string): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Leaving the loop ends the connection.
    if (size > MAX_BYTES) throw new PolyreelError("unavailable", `${host} answers with more than ${MAX_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
