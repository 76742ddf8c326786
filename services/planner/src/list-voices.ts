import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Stage, voicesRequest } from "@polyreel/contract";
import type { Platform } from "@polyreel/pipeline";
import type { ListedVoices } from "@polyreel/planning/plan";
import { delayAfter, retry } from "@polyreel/platform/flow";
import { refusedRightIn, sendRequest } from "@polyreel/platform/stream";

/** Less than a slow engine takes: the service goes on listing, and one that is stopped must not keep the others from answering. */
const ASK_ANOTHER_MS = 5_000;
const BACK_OFF = { firstMs: 500, longestMs: 10_000 };

/** The voices of whichever speech service answers first, with their builds. Throws as `sendRequest`. */
export function listVoices(
  { stream }: Pick<Platform, "stream">,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<ListedVoices> {
  return sendRequest(stream, voicesRequest, {}, { timeoutMs, signal });
}

/**
 * As `listVoices`, but waits until a speech service runs, and reports that it waits: without the builds of its voices, lines that
 * an earlier engine spoke cannot be told from those that are to be spoken. Throws PolyreelError `unavailable` where the NATS
 * server does not let the planner ask.
 */
export function awaitVoices(
  batchId: string,
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
    log.info({ err: error, batch: batchId, waitMs }, "no speech service lists its voices; asking again");
    return waitMs;
  };
  return retry(() => listVoices(platform, { timeoutMs: ASK_ANOTHER_MS, signal }), onFailure, signal);
}
