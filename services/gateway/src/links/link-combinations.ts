import type { CombinationDetails, CombinationStatus, GetCombinationRequest } from "@polyreel/contract";
import { DEFAULT_TENANT } from "@polyreel/spec";
import { knownBatch } from "../batches/known-batch.js";
import type { Call } from "../call/call.js";
import type { ReadModel } from "../read-model/read-model.js";
import { type DirectLinkDeps, linkDirectly } from "./direct-links.js";
import { lifetimeMsOf } from "./link-lifetime.js";
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

/** The same for the details of one. */
export async function linkDetails(
  deps: DirectLinkDeps & { readonly model: ReadModel },
  { status, outputs }: CombinationDetails,
  { batchId, linkLifetime }: Pick<GetCombinationRequest, "batchId" | "linkLifetime">,
  { scope, signal }: Pick<Call, "scope" | "signal">,
): Promise<void> {
  const batch = await knownBatch(deps.model, batchId, scope);
  const options = { tenant: batch.status.tenant, lifetimeMs: lifetimeMsOf(linkLifetime) };
  const all = [...(status ? [status, ...status.outputs] : []), ...outputs];
  for (const one of all) one.link = gatewayLink(deps, one.urlPath, options);
  await linkDirectly(deps, all, options, signal);
}

/** Empty for an empty path. */
const gatewayLink = ({ links }: DirectLinkDeps, urlPath: string, { tenant, lifetimeMs }: LinkOptions): string =>
  urlPath && links.url("GET", urlPath, { tenant: tenant || DEFAULT_TENANT, lifetimeMs });
