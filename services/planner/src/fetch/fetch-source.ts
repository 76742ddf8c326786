import { FailureCode, isS3Source } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { SOURCES, type Store } from "@polyreel/platform/blobs";
import { retry } from "@polyreel/platform/flow";
import { type Admission, fileNameOf, type Resolve, shownUrl, systemResolve } from "@polyreel/platform/web";
import { checkedAnswer } from "./answer.js";
import { bodyOf } from "./body.js";
import { objectAnswer } from "./buckets/object-answer.js";
import type { TenantBuckets } from "./buckets/source-buckets.js";
import { followRedirects } from "./follow-redirects.js";
import type { RequestContext } from "./get.js";
import type { FetchLimits } from "./limits.js";
import { delayBefore, TryAgain } from "./try-again.js";

/** A source that was written to the store. */
export interface FetchedSource {
  /** 64 hexadecimal digits. */
  readonly sha256: string;
  readonly sizeBytes: number;
  /** The file's name on the server. */
  readonly name: string;
}

export interface FetchOptions {
  readonly store: Store;
  readonly signal: AbortSignal;
  readonly limits: FetchLimits;
  readonly admission: Admission;
  /** Those that `s3://` addresses may name. */
  readonly buckets: TenantBuckets;
  /** Resolves host names; the system's resolver by default. */
  readonly resolve?: Resolve;
  /** Called after each retryable failure, before the retry. */
  readonly onTryAgain?: (again: TriedAgain) => void;
}

/** A retryable failure: attempts so far, their limit, and the delay until the next one. */
export interface TriedAgain {
  readonly tried: number;
  readonly tries: number;
  readonly inMs: number;
  readonly reason: string;
}

/**
 * Fetches a file over http or https, or from an allowed bucket, into the store, in bounded memory: completely, or not at all. Retryable failures
 * are retried from the beginning. Throws PolyreelError `invalid` with the cause and the number of attempts, and the
 * store's errors. Errors contain only host and path of the URL, or bucket and key.
 */
export async function fetchSource(address: string, options: FetchOptions): Promise<FetchedSource> {
  const { limits } = options;
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(tooSlow(address, limits)), limits.deadlineMs);
  const signal = AbortSignal.any([options.signal, deadline.signal]);
  try {
    const context = { resolve: systemResolve, ...options, signal };
    const tryOnce = isS3Source(address) ? tryObject : tryUrl;
    const onFailure = (error: unknown, tried: number) => {
      if (!(error instanceof TryAgain)) throw error;
      if (tried >= limits.tries) throw gaveUp(error, tried);
      const inMs = delayBefore(tried, error, limits, Math.random());
      options.onTryAgain?.({ tried, tries: limits.tries, inMs, reason: error.reason });
      return inMs;
    };
    return await retry(() => tryOnce(address, options.store, context), onFailure, signal);
  } catch (error) {
    // An abort may surface as another error: report the abort.
    signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function tryUrl(address: string, store: Store, context: RequestContext): Promise<FetchedSource> {
  const { maxBytes, stallMs } = context.limits;
  const { answer, shown } = await followRedirects(address, context);
  try {
    const { announcedBytes } = checkedAnswer(answer, { shown, maxBytes, now: Date.now() });
    const bytes = bodyOf(answer, announcedBytes, { shown, maxBytes, stallMs });
    const { sha256, sizeBytes } = await store.putHashed(SOURCES, bytes, { signal: context.signal });
    return { sha256, sizeBytes, name: fileNameOf(address) };
  } finally {
    answer.destroy();
  }
}

async function tryObject(
  address: string,
  store: Store,
  { buckets, limits: { maxBytes }, signal }: Pick<FetchOptions, "buckets" | "limits" | "signal">,
): Promise<FetchedSource> {
  using object = await objectAnswer(address, { buckets, maxBytes, signal });
  const { sha256, sizeBytes } = await store.putHashed(SOURCES, object.bytes(), { signal });
  return { sha256, sizeBytes, name: fileNameOf(address) };
}

function gaveUp({ reason, remedy, cause }: TryAgain, tried: number): PolyreelError {
  const times = tried === 1 ? "once" : `${tried} times`;
  return new PolyreelError(
    "invalid",
    { code: FailureCode.SOURCE_UNAVAILABLE, reason: `${reason.replace(/\.$/, "")}; tried ${times}.`, remedy },
    { cause },
  );
}

const tooSlow = (address: string, { deadlineMs }: FetchLimits): PolyreelError =>
  new PolyreelError("invalid", {
    code: FailureCode.SOURCE_UNAVAILABLE,
    reason: `${shownUrl(address)} could not be fetched within ${deadlineMs / 1000} s.`,
    remedy: "Serve it faster, or put the file in the store.",
  });
