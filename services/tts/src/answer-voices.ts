import { voicesRequest } from "@polyreel/contract";
import { unknownVoice } from "@polyreel/media/speech";
import type { Platform } from "@polyreel/pipeline";
import type { Running } from "@polyreel/platform";
import { answerRequests } from "@polyreel/platform/stream";
import type { Engines } from "./engines/engines.js";

/** Requests share one listing of each engine, so that many can be answered concurrently. */
const AT_ONCE = 16;

/**
 * Answers requests for the installed voices, and the engines that failed to list theirs; one of several speech services
 * answers. Without an engine the list is empty.
 */
export const answerVoices = (platform: Platform, engines: Engines): Running =>
  answerRequests(voicesRequest, platform, { atOnce: AT_ONCE }, async () => {
    const listing = await engines.list();
    if (listing.voices.length === 0) platform.log.warn({ err: unknownVoice("", listing) }, "no voices");
    return listing;
  });
