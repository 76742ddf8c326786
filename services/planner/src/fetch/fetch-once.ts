import { createHash } from "node:crypto";
import { FailureCode } from "@polyreel/contract";
import type { Sources } from "@polyreel/parts/sources";
import { PolyreelError } from "@polyreel/platform";
import { fetchedKey, readBytesIfAny, type Store } from "@polyreel/platform/blobs";
import { type FetchOptions, fetchSource } from "./fetch-source.js";

/** The outcome of a fetch. A failure applies only to its attempt. */
type Outcome =
  | { readonly sha256: string }
  | { readonly attempt: number; readonly reason: string; readonly remedy: string; readonly code?: FailureCode };

/**
 * Fetches a URL once for a batch; returns the SHA-256 of its bytes. The outcome is stored: planning again after a crash
 * must give the same plan, although the server may have other bytes by then, or none. Throws as `fetchSource`.
 */
export async function fetchOnce(
  url: string,
  { batchId, attempt, sources, ...options }: FetchOptions & { batchId: string; attempt: number; sources: Sources },
): Promise<string> {
  const { store } = options;
  const key = fetchedKey(batchId, createHash("sha256").update(url).digest("hex"));
  const earlier = await readOutcome(key, store);
  if (earlier) {
    if ("attempt" in earlier) {
      if (earlier.attempt === attempt) throw failedBefore(earlier);
    } else if (await sources.has(earlier.sha256, options.signal)) return earlier.sha256;
  }
  try {
    const { sha256 } = await fetchSource(url, options);
    await sources.wasWritten(sha256);
    await writeOutcome(key, { sha256 }, store);
    return sha256;
  } catch (error) {
    if (error instanceof PolyreelError && error.code === "invalid") {
      const { reason, remedy, code } = error.failure;
      await writeOutcome(key, { attempt, reason, remedy, code }, store);
    }
    throw error;
  }
}

/** Outcomes written by earlier releases have no code. */
const failedBefore = ({ reason, remedy, code = FailureCode.UNSPECIFIED }: Extract<Outcome, { attempt: number }>) =>
  new PolyreelError("invalid", { reason, remedy, code });

async function readOutcome(key: string, store: Store): Promise<Outcome | undefined> {
  const outcome = await readBytesIfAny(store, key);
  return outcome && (JSON.parse(outcome.toString()) as Outcome);
}

async function writeOutcome(key: string, outcome: Outcome, store: Store): Promise<void> {
  await store.put(key, Buffer.from(JSON.stringify(outcome)));
}
