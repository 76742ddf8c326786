import { type ConfiguredDestination, destinationsRequest } from "@polyreel/contract";
import type { Platform } from "@polyreel/pipeline";
import type { Running } from "@polyreel/platform";
import { answerRequests } from "@polyreel/platform/stream";
import { DEFAULT_TENANT } from "@polyreel/spec";
import type { Configured, ConfiguredDestinations } from "./destinations/configured/configured-destinations.js";
import { addressOf } from "./destinations/open-destination.js";
import { reachDestination } from "./destinations/reach-destination.js";

const AT_ONCE = 2;

/** Answers gateways' requests for the destinations of a tenant; one of several uploaders answers. */
export const answerDestinationsRequests = (platform: Platform, configured: ConfiguredDestinations): Running =>
  answerRequests(destinationsRequest, platform, { atOnce: AT_ONCE }, async ({ tenant }) => ({
    destinations: await Promise.all((await configured.of(tenant || DEFAULT_TENANT)).map(described)),
  }));

async function described(configured: Configured): Promise<Omit<ConfiguredDestination, "$typeName" | "$unknown">> {
  const { settings } = configured;
  const { name, type } = settings;
  const failure = (await reachDestination(configured, ""))?.failure;
  const buckets = settings.type === "s3" ? [...settings.buckets] : [];
  return { name, type, address: addressOf(settings), buckets, reachable: !failure, ...(failure && { failure }) };
}
