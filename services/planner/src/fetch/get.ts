import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { shownUrl } from "@polyreel/planning";
import type { Admission } from "./admission.js";
import { checkedLookup, type Resolve } from "./checked-lookup.js";
import type { FetchLimits } from "./limits.js";
import { networkFault } from "./network-faults.js";
import { TryAgain } from "./try-again.js";

/** What a request needs besides its URL. */
export interface Way {
  readonly admission: Admission;
  readonly resolve: Resolve;
  readonly limits: FetchLimits;
  readonly signal: AbortSignal;
}

/** The bytes as they are, so that sizes and limits mean what they say. */
const HEADERS = { accept: "*/*", "accept-encoding": "identity", "user-agent": "Polyreel" };

/** Of several addresses of a host, how long one is tried before the next. The default, 250 ms, is less than far hosts take. */
const NEXT_ADDRESS_MS = 2000;

/**
 * Asks for a URL that `checkedAddress` gave, once, over a connection of its own; gives the head of the answer, whatever its
 * status. Redirects are not followed. Throws TryAgain or PolyreelError.
 */
export async function get(url: URL, { admission, resolve, limits, signal }: Way): Promise<IncomingMessage> {
  signal.throwIfAborted();
  const shown = shownUrl(url);
  const secure = url.protocol === "https:";
  const options = {
    agent: false, // a connection made under an older look-up would be used unchecked
    headers: HEADERS,
    lookup: checkedLookup(admission, resolve, shown),
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
      // Kept on: an error after the answer's head is told by the answer too.
      request.on("error", (error) => failed(networkFault(error, shown)));
      request.once("close", () => failed(networkFault(undefined, shown)));
      request.end();
    });
  } finally {
    clearTimeout(timer);
  }
}

const SLOW = "Check that its server is up, or put the file in the store.";
