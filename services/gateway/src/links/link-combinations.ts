import type { CombinationDetails, CombinationStatus } from "@polyreel/contract";
import { DEFAULT_TENANT } from "@polyreel/spec";
import { type DirectLinkDeps, linkDirectly } from "./direct-links.js";
import type { LinkOptions } from "./signed-links.js";

/**
 * Fills the links of combinations that were made for this answer: to the home of a file where that has links, else to the
 * gateway. `tenant`: that of the batch; empty for the default one.
 */
export async function linkCombinations(
  deps: DirectLinkDeps,
  combinations: readonly CombinationStatus[],
  options: LinkOptions,
  signal: AbortSignal,
): Promise<void> {
  const all = combinations.flatMap((one) => [one, ...one.outputs]);
  for (const one of all) one.link = gatewayLink(deps, one.urlPath, options);
  await linkDirectly(deps, all, options, signal);
}

export async function linkDetails(
  deps: DirectLinkDeps,
  { status, outputs }: CombinationDetails,
  options: LinkOptions,
  signal: AbortSignal,
): Promise<void> {
  const all = [...(status ? [status, ...status.outputs] : []), ...outputs];
  for (const one of all) one.link = gatewayLink(deps, one.urlPath, options);
  await linkDirectly(deps, all, options, signal);
}

/** Empty for an empty path. */
const gatewayLink = ({ links }: DirectLinkDeps, urlPath: string, { tenant, lifetimeMs }: LinkOptions): string =>
  urlPath && links.url("GET", urlPath, { tenant: tenant || DEFAULT_TENANT, lifetimeMs });
