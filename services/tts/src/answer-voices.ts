import { voicesRequest } from "@polyreel/contract";
import type { Platform } from "@polyreel/pipeline";
import type { Running } from "@polyreel/platform";
import { answerRequests } from "@polyreel/platform/stream";
import type { Engines } from "./engines/engines.js";
import { unknownVoice } from "./engines/unknown-voice.js";

/** Requests share one listing of each engine. */
const AT_ONCE = 16;

/**
 * Answers which voices there are, and which engines failed to list theirs; of several speech services one answers. Without an
 * engine the list is empty.
 */
export const answerVoices = (platform: Platform, engines: Engines): Running =>
  answerRequests(voicesRequest, platform, { atOnce: AT_ONCE }, async () => {
    const listing = await engines.list();
    if (listing.voices.length === 0) platform.log.warn({ err: unknownVoice("", listing) }, "no voices");
    return listing;
  });
