import { type IncomingMessage, request as requestHttp, STATUS_CODES } from "node:http";
import { request as requestHttps } from "node:https";
import { PolyreelError } from "@polyreel/platform";
import {
  type Admission,
  checkedAddress,
  checkedLookup,
  connectionFault,
  type Resolve,
  retryAfterMs,
} from "@polyreel/platform/web";
import { accepted, type Outcome, refused } from "../outcome.js";
import { firstText } from "./first-text.js";

export interface WebhookRequest {
  readonly url: string;
  readonly body: string;
  /** The signature's. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface PostOptions {
  readonly admission: Admission;
  readonly resolve: Resolve;
  /** For the whole attempt until the response's head. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const GONE = 410;
/** Time for each of a host's addresses before the next is tried. */
const NEXT_ADDRESS_MS = 2000;

/**
 * Posts an event to a stranger's address, over a new connection, to addresses that are admitted at that moment. Only
 * 2xx counts as accepted; redirects are not followed, because the address was checked and its target was not. Reasons are
 * shown beside the receiver, and leave its name out. Throws only if the signal aborts.
 */
export async function postWebhook(request: WebhookRequest, options: PostOptions): Promise<Outcome> {
  const timeout = AbortSignal.timeout(options.timeoutMs);
  try {
    const url = checkedAddress(request.url, options.admission);
    const answer = await post(url, request, { ...options, signal: AbortSignal.any([options.signal, timeout]) });
    try {
      const response = await firstText(answer, options.signal);
      return outcomeOf(answer, response.replaceAll(url.search || "\0", "?…"));
    } finally {
      answer.destroy();
    }
  } catch (error) {
    options.signal.throwIfAborted();
    if (timeout.aborted) return refused(`No response within ${options.timeoutMs / 1000} s.`);
    if (error instanceof PolyreelError) {
      return refused(`${error.failure.reason} ${error.failure.remedy}`, { final: true });
    }
    const { what } = connectionFault(error);
    return refused(`${what.charAt(0).toUpperCase()}${what.slice(1)}.`);
  }
}

/** Resolves with the answer when its head has arrived. */
function post(
  url: URL,
  { body, headers }: WebhookRequest,
  { admission, resolve, signal }: PostOptions,
): Promise<IncomingMessage> {
  const secure = url.protocol === "https:";
  const options = {
    method: "POST",
    agent: false, // A pooled connection of an older look-up would be used unchecked.
    headers: {
      ...headers,
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      "user-agent": "Polyreel-Webhooks",
    },
    lookup: checkedLookup(admission, resolve, "It", { secure }),
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS,
    signal,
  };
  return new Promise((answered, failed) => {
    const request = (secure ? requestHttps : requestHttp)(url, options);
    request.once("response", answered);
    request.on("error", failed);
    request.once("close", () => failed(new Error("The connection was closed.")));
    request.end(body);
  });
}

function outcomeOf({ statusCode: status = 0, headers }: IncomingMessage, response: string): Outcome {
  if (status >= 200 && status < 300) return accepted(status, response);
  const meaning = STATUS_CODES[status] ? ` (${STATUS_CODES[status]})` : "";
  const about = { status, response };
  if (REDIRECTS.has(status)) {
    return refused(`It redirects (${status}), which is not followed: give the address itself.`, about);
  }
  if (status === GONE)
    return refused(`It is gone: it answers 410 and gets nothing more of this batch.`, { ...about, gone: true });
  const afterMs = retryAfterMs(headers["retry-after"], Date.now());
  return refused(`It answers ${status}${meaning}.`, {
    ...about,
    ...(afterMs !== undefined && { retryAfterMs: afterMs }),
  });
}
