import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { type Admission, checkedLookup, type Resolve, shownUrl } from "@polyreel/platform/web";
import type { FetchLimits } from "./limits.js";
import { networkFault } from "./network-faults.js";
import { TryAgain } from "./try-again.js";

/** Context of a request. */
export interface RequestContext {
  readonly admission: Admission;
  readonly resolve: Resolve;
  readonly limits: FetchLimits;
  readonly signal: AbortSignal;
}

/** Asks for unencoded bytes, so that sizes and limits apply to the file itself. */
const HEADERS = { accept: "*/*", "accept-encoding": "identity", "user-agent": "Polyreel" };

/**
 * Time for each of a host's addresses before the next is tried. The default of 250 ms is too short for distant hosts.
 */
const NEXT_ADDRESS_MS = 2000;

/**
 * Requests a URL from `checkedAddress` once, over a new connection; resolves with the answer of any status when its
 * head has arrived. Does not follow redirects. Throws TryAgain or PolyreelError.
 */
export async function get(url: URL, { admission, resolve, limits, signal }: RequestContext): Promise<IncomingMessage> {
  signal.throwIfAborted();
  const shown = shownUrl(url);
  const secure = url.protocol === "https:";
  const options = {
    agent: false, // A pooled connection of an older look-up would be used unchecked.
    headers: HEADERS,
    lookup: checkedLookup(admission, resolve, shown, { secure }),
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS,
    signal,
  };
  const request = (secure ? requestHttps : requestHttp)(url, options);
  const within = (ms: number, what: string) =>
    setTimeout(() => request.destroy(new TryAgain(`${shown}: ${what} within ${ms / 1000} s.`, SLOW)), ms);
  let timer = within(limits.connectMs, "no connection");
  try {
    return await new Promise<IncomingMessage>((answered, failed) => {
      request.once("socket", (socket) => {
        socket.once(secure ? "secureConnect" : "connect", () => {
          clearTimeout(timer);
          timer = within(limits.stallMs, "no answer");
        });
      });
      request.once("response", answered);
      // Not removed after the head: later errors also reach the answer's stream.
      request.on("error", (error) => failed(networkFault(error, shown)));
      request.once("close", () => failed(networkFault(undefined, shown)));
      request.end();
    });
  } finally {
    clearTimeout(timer);
  }
}

const SLOW = "Check that its server is running, or put the file in the store.";
