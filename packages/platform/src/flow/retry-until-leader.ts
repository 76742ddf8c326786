import { JetStreamApiError } from "@nats-io/jetstream";
import { TimeoutError } from "@nats-io/transport-node";
import { retry } from "./retry.js";

/** Codes of a cluster without a leader yet, or with fewer servers than replicas. */
const NOT_YET = new Set([10005, 10008, 10009]);

const TIMEOUT_MS = 30_000;
const ASK_AGAIN_MS = 500;

/** The server's error code of a refusal. */
export const codeOf = (error: unknown): number | undefined =>
  error instanceof JetStreamApiError ? error.apiError().err_code : undefined;

/** Whether a server, or a cluster, may answer soon. */
export const isNotYet = (error: unknown): boolean => NOT_YET.has(codeOf(error) ?? 0) || error instanceof TimeoutError;

/**
 * Repeats a request for half a minute while the answer is "not yet", or missing: servers of a starting cluster elect
 * their leaders first. The request must be idempotent.
 */
export function retryUntilLeader<T>(request: () => Promise<T>): Promise<T> {
  const until = Date.now() + TIMEOUT_MS;
  return retry(request, (error) => {
    if (!isNotYet(error) || Date.now() >= until) throw error;
    return ASK_AGAIN_MS;
  });
}
