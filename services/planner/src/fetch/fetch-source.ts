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

/** How a file is fetched, wherever it goes. */
export interface FileFetch {
  readonly signal: AbortSignal;
  readonly limits: FetchLimits;
  readonly admission: Admission;
  /** Resolves host names; the system's resolver by default. */
  readonly resolve?: Resolve;
  /** Called after each retryable failure, before the retry. */
  readonly onTryAgain?: (again: TriedAgain) => void;
}

export interface FetchOptions extends FileFetch {
  readonly store: Store;
  /** Those that `s3://` addresses may name. */
  readonly buckets: TenantBuckets;
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
export function fetchSource(address: string, { store, buckets, ...fetch }: FetchOptions): Promise<FetchedSource> {
  return retried(address, fetch, async (context) => {
    const { signal, limits } = context;
    const put = (bytes: AsyncIterable<Uint8Array>) => store.putHashed(SOURCES, bytes, { signal });
    const { sha256, sizeBytes } = isS3Source(address)
      ? await takeObject(address, put, { buckets, maxBytes: limits.maxBytes, signal })
      : await takeUrl(address, put, context);
    return { sha256, sizeBytes, name: fileNameOf(address) };
  });
}

/** Tries within the limits. Throws as `fetchSource`. */
export async function retried<T>(
  address: string,
  options: FileFetch,
  tryOnce: (context: RequestContext) => Promise<T>,
): Promise<T> {
  const { limits } = options;
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(tooSlow(address, limits)), limits.deadlineMs);
  const signal = AbortSignal.any([options.signal, deadline.signal]);
  try {
    const context = { resolve: systemResolve, ...options, signal };
    const onFailure = (error: unknown, tried: number) => {
      if (!(error instanceof TryAgain)) throw error;
      if (tried >= limits.tries) throw gaveUp(error, tried);
      const inMs = delayBefore(tried, error, limits, Math.random());
      options.onTryAgain?.({ tried, tries: limits.tries, inMs, reason: error.reason });
      return inMs;
    };
    return await retry(() => tryOnce(context), onFailure, signal);
  } catch (error) {
    // An abort may surface as another error: report the abort.
    signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** What a file's bytes become. */
type Take<T> = (bytes: AsyncIterable<Uint8Array>) => Promise<T>;

/** Takes the bytes at a URL. Throws TryAgain or PolyreelError `invalid`, and the taker's errors. */
export async function takeUrl<T>(address: string, take: Take<T>, context: RequestContext): Promise<T> {
  const { maxBytes, stallMs } = context.limits;
  const { answer, shown } = await followRedirects(address, context);
  try {
    const { announcedBytes } = checkedAnswer(answer, { shown, maxBytes, now: Date.now() });
    return await take(bodyOf(answer, announcedBytes, { shown, maxBytes, stallMs }));
  } finally {
    answer.destroy();
  }
}

async function takeObject<T>(
  address: string,
  take: Take<T>,
  at: { readonly buckets: TenantBuckets; readonly maxBytes: number; readonly signal: AbortSignal },
): Promise<T> {
  using object = await objectAnswer(address, at);
  return await take(object.bytes());
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
