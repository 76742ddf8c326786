import { setTimeout as delay } from "node:timers/promises";
import { fromBinary } from "@bufbuild/protobuf";
import { ListVoicesResponseSchema, VOICES_SUBJECT } from "@polyreel/contract";
import type { Platform } from "@polyreel/pipeline";
import type { ListedVoices } from "@polyreel/planning/plan";
import { ask, refusedRightIn, rightRefused } from "@polyreel/platform/stream";

/** Longer than a speech service waits for an engine to list its voices. */
const TIMEOUT_MS = 20_000;
const ASK_AGAIN_MS = 500;
const LONGEST_WAIT_MS = 10_000;

/** The voices of whichever speech service answers first, with their builds. Throws as the client does where none answers. */
export async function listVoices({ stream }: Pick<Platform, "stream">, signal: AbortSignal): Promise<ListedVoices> {
  const nothing = new Uint8Array();
  const options = { timeoutMs: TIMEOUT_MS, signal };
  const answer = await ask(stream.connection, VOICES_SUBJECT, nothing, options).catch((error: unknown) => {
    const right = refusedRightIn(error);
    throw right ? rightRefused(right, error) : error;
  });
  return fromBinary(ListVoicesResponseSchema, answer);
}

/**
 * As `listVoices`, but waits until a speech service runs: without the builds of their voices, lines that an earlier engine
 * spoke could not be told from those that are to be spoken.
 */
export async function awaitVoices(
  platform: Pick<Platform, "stream" | "log">,
  signal: AbortSignal,
): Promise<ListedVoices> {
  for (let waitMs = ASK_AGAIN_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
    try {
      return await listVoices(platform, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (refusedRightIn(error)) throw error;
      platform.log.info({ err: error, waitMs }, "no speech service lists its voices; asking again");
    }
    await delay(waitMs, undefined, { signal });
  }
}
