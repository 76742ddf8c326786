import { type IncomingMessage, STATUS_CODES } from "node:http";
import { type PolyreelError, sourceError } from "@polyreel/platform";
import { retryAfterMs } from "@polyreel/platform/web";
import { TryAgain } from "./try-again.js";

/** Retried besides 5xx: request timeout, too early, too many requests. */
const RETRYABLE = new Set([408, 425, 429]);

const REFUSED = "Check that the link is readable without further credentials; signed URLs expire.";
const MEANINGS: Readonly<Record<number, readonly [what: string, remedy: string]>> = {
  401: ["asks for a password", REFUSED],
  403: ["is refused", REFUSED],
  404: ["does not exist", "Check the address."],
  410: ["is gone", "Use another address."],
};

/**
 * Checks that an answer that is not a redirect contains a file of at most `maxBytes`; returns its announced size, if
 * any. `now` in milliseconds since 1970. Throws TryAgain or PolyreelError `invalid`.
 */
export function checkedAnswer(
  { statusCode: status = 0, headers }: Pick<IncomingMessage, "statusCode" | "headers">,
  { shown, maxBytes, now }: { shown: string; maxBytes: number; now: number },
): { announcedBytes: number | undefined } {
  if (status !== 200) throw badStatus(status, shown, retryAfterMs(headers["retry-after"], now));
  const encoding = headers["content-encoding"]?.trim().toLowerCase() || "identity";
  if (encoding !== "identity") {
    throw sourceError({
      reason: `The server sends ${shown} compressed, although the request does not accept that.`,
      remedy: "Turn off content encoding for media on that server.",
    });
  }
  const length = headers["content-length"];
  const announcedBytes = length === undefined ? undefined : Number(length);
  if (announcedBytes !== undefined && announcedBytes > maxBytes) throw tooLarge(shown, maxBytes, announcedBytes);
  return { announcedBytes };
}

function badStatus(status: number, shown: string, afterMs: number | undefined): PolyreelError | TryAgain {
  const meaning = STATUS_CODES[status] ? ` (${STATUS_CODES[status]})` : "";
  if (status >= 500 || RETRYABLE.has(status)) {
    return new TryAgain(`The server answers ${status}${meaning} for ${shown}.`, "Submit again later.", afterMs);
  }
  const [what, remedy] = MEANINGS[status] ?? [undefined, "Check the address."];
  const reason = what
    ? `${shown} ${what}: the server answers ${status}${meaning}.`
    : `The server answers ${status}${meaning} for ${shown}.`;
  return sourceError({ reason, remedy });
}

/** `bytes`: its size, if known. */
export const tooLarge = (shown: string, maxBytes: number, bytes?: number): PolyreelError =>
  sourceError({
    reason: `${shown} is larger than the ${maxBytes} bytes allowed${bytes === undefined ? "" : `: ${bytes}`}.`,
    remedy: "Use a smaller file, or raise POLYREEL_FETCH_MAX_BYTES.",
  });
