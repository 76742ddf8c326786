import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Stage, voicesRequest } from "@polyreel/contract";
import type { Platform } from "@polyreel/pipeline";
import type { ListedVoices } from "@polyreel/planning/plan";
import { delayAfter, retry } from "@polyreel/platform/flow";
import { refusedRightIn, sendRequest } from "@polyreel/platform/stream";

/**
 * Shorter than a slow engine needs: that service continues to list, and a paused one must not keep others from
 * answering.
 */
const ATTEMPT_TIMEOUT_MS = 5_000;
const BACK_OFF = { firstMs: 500, longestMs: 10_000 };

/** A tenant's voices, of the speech service that answers first, with their builds. Throws as `sendRequest`. */
export function listVoices(
  tenant: string,
  { stream }: Pick<Platform, "stream">,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<ListedVoices> {
  return sendRequest(stream, voicesRequest, { tenant }, { timeoutMs, signal });
}

/**
 * As `listVoices`, but waits until a speech service runs, and publishes that it waits: without the builds of the
 * voices, lines spoken by an earlier engine cannot be distinguished from new ones. Throws PolyreelError `unavailable`
 * if the NATS server does not permit the request.
 */
export function awaitVoices(
  { batchId, tenant }: { readonly batchId: string; readonly tenant: string },
  platform: Pick<Platform, "stream" | "publisher" | "log">,
  signal: AbortSignal,
): Promise<ListedVoices> {
  const { publisher, log } = platform;
  const onFailure = (error: unknown, tried: number): number => {
    signal.throwIfAborted();
    if (refusedRightIn(error)) throw error;
    const waitMs = delayAfter(tried, BACK_OFF);
    const nextAt = timestampFromMs(Date.now() + waitMs);
    const tryingAgain = { tried, tries: 0, nextAt, reason: "No speech service lists its voices." };
    publisher.progress({ batchId, stage: Stage.PLAN, id: "voices", tryingAgain });
    log.info({ err: error, batch: batchId, waitMs }, "no speech service lists its voices; retrying");
    return waitMs;
  };
  return retry(() => listVoices(tenant, platform, { timeoutMs: ATTEMPT_TIMEOUT_MS, signal }), onFailure, signal);
}
