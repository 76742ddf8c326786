import { create } from "@bufbuild/protobuf";
import { ListVoicesResponseSchema, voicesRequest } from "@polyreel/contract";
import { unknownVoice } from "@polyreel/media/speech";
import type { Platform } from "@polyreel/pipeline";
import type { Running } from "@polyreel/platform";
import { answerRequests } from "@polyreel/platform/stream";
import { DEFAULT_TENANT } from "@polyreel/spec";
import type { ConfiguredEngines } from "./engines/configured-engines.js";
import { isWanted } from "./engines/wanted-voices.js";

/** Requests share one listing of each engine, so that many can be answered concurrently. */
const AT_ONCE = 16;

/**
 * Answers requests for the voices of a tenant, and the engines that failed to list theirs; one of several speech services
 * answers. Without an engine the list is empty.
 */
export const answerVoices = (platform: Platform, engines: ConfiguredEngines): Running =>
  answerRequests(voicesRequest, platform, { atOnce: AT_ONCE }, async (request) => {
    const listing = await engines.list(request.tenant || DEFAULT_TENANT);
    if (listing.voices.length === 0) platform.log.warn({ err: unknownVoice({}, listing) }, "no voices");
    return create(ListVoicesResponseSchema, {
      ...listing,
      voices: listing.voices.filter(isWanted(request)),
    });
  });
