import { linksRequest } from "@polyreel/contract";
import type { Platform } from "@polyreel/pipeline";
import { PolyreelError, type Running } from "@polyreel/platform";
import { answerRequests } from "@polyreel/platform/stream";
import { DEFAULT_TENANT, parsePlaced } from "@polyreel/spec";
import type { Destinations } from "./destinations/destinations.js";
import { isOfTenant } from "./destinations/tenant-folder.js";

const AT_ONCE = 4;

/** Answers gateways' requests for links to delivered files at their destination; one of several uploaders answers. */
export const answerLinksRequests = (platform: Platform, destinations: Pick<Destinations, "link">): Running =>
  answerRequests(linksRequest, platform, { atOnce: AT_ONCE }, async ({ tenant, paths, lifetimeSeconds }) => {
    const linkTo = async (path: string): Promise<string> => {
      if (!isOfTenant(tenant || DEFAULT_TENANT, parsePlaced(path).path)) return "";
      return (await destinations.link(path, 1000 * lifetimeSeconds).catch(ignoreUnavailable)) ?? "";
    };
    return { urls: await Promise.all(paths.map(linkTo)) };
  });

/** A destination that is no longer configured, or whose keys cannot be read: the gateway's links work. */
function ignoreUnavailable(error: unknown): undefined {
  if (error instanceof PolyreelError) return undefined;
  throw error;
}
