import { FailureCode } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { connectionFault } from "@polyreel/platform/web";
import { quote } from "@polyreel/spec";

/**
 * What a provider answered instead of a result. Its words are left out: some providers quote the key, and most quote the
 * text.
 */
export interface Refusal {
  readonly status: number;
  /** Its name for the reason, such as `quota_exceeded`; empty if it gives none. */
  readonly token: string;
}

const QUOTA = new Set(["quota_exceeded", "insufficient_quota", "payment_required", "billing_hard_limit_reached"]);
const BUSY = new Set([408, 429, 500, 502, 503, 504, 529]);

/** Whether the same request may succeed a moment later. An account without characters is no busy one. */
export const isBusy = ({ status, token }: Refusal): boolean => BUSY.has(status) && !QUOTA.has(token);

/** The error of a refusal that no repetition has changed. */
export function refusalError(provider: string, refusal: Refusal): PolyreelError {
  const { status, token } = refusal;
  const named = `The voice provider ${quote(provider)}`;
  const answer = `${status}${token && `, ${token}`}`;
  if (status === 402 || QUOTA.has(token)) {
    return new PolyreelError("precondition", {
      code: FailureCode.RESOURCE_EXHAUSTED,
      reason: `${named} speaks no more: its account has used up its characters (${answer}).`,
      remedy: "Add characters to the account, then retry the batch: lines that were spoken are kept.",
    });
  }
  if (status === 401 || status === 403) {
    return new PolyreelError("precondition", {
      reason: `${named} refused the key (${answer}).`,
      remedy: "The operator corrects its credentials file, or the rights of the key; then retry the batch.",
    });
  }
  if (isBusy(refusal)) {
    return new PolyreelError("unavailable", {
      reason: `${named} is busy (${answer}).`,
      remedy: "Lower its concurrency if this repeats: other programs may use the same key.",
    });
  }
  if (status === 404) {
    return new PolyreelError("invalid", {
      field: "voice",
      ...(token === "voice_not_found" && { code: FailureCode.NOT_FOUND }),
      reason: `${named} does not have this voice or model (${answer}).`,
      remedy: "`polyreel voices` lists its voices; also check settings.model.",
    });
  }
  if (status >= 300 && status < 400) {
    return new PolyreelError("precondition", {
      reason: `${named} redirects to another address (${answer}), to which no key is sent.`,
      remedy: "The operator corrects its endpoint.",
    });
  }
  return new PolyreelError("invalid", {
    reason: `${named} refused the line (${answer}).`,
    remedy: "Change the text or the settings of the voice.",
  });
}

/** The code of Node.js's fetch for a connection that the other side closed. */
const CLOSED = "UND_ERR_SOCKET";

/** The error of a request without an answer. `outage: false`: each attempt may cost, so only a few are made. */
export function connectionError(provider: string, error: unknown): PolyreelError {
  const cause = error instanceof Error && error.cause ? error.cause : error;
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  const { what, remedy } = connectionFault(
    code === CLOSED ? Object.assign(new Error(), { code: "ECONNRESET" }) : cause,
  );
  return new PolyreelError(
    "unavailable",
    {
      reason: `The voice provider ${quote(provider)} can't be reached: ${what}.`,
      remedy: remedy ? "The operator corrects its endpoint." : "Retry the batch when the provider is back.",
    },
    { outage: code === "ECONNREFUSED", cause: new Error(`a request failed: ${what}`) },
  );
}

export const tooSlow = (provider: string, seconds: number): PolyreelError =>
  new PolyreelError(
    "unavailable",
    {
      reason: `The voice provider ${quote(provider)} did not answer within ${seconds} s.`,
      remedy: "Retry the batch; shorter lines are answered sooner.",
    },
    { outage: false },
  );

/** The error of an answer without usable speech, which is not asked for again: it may have been charged for. */
export const uselessAnswer = (provider: string, what: string): PolyreelError =>
  new PolyreelError("precondition", {
    code: FailureCode.UNAVAILABLE,
    reason: `The voice provider ${quote(provider)} answered without usable speech: ${what}.`,
    remedy: "It may have charged for the line. Retry the batch; if it repeats, check the provider's endpoint.",
  });
