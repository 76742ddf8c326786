import type { CombinationDetails, CombinationStatus } from "@polyreel/contract";
import { DEFAULT_TENANT } from "@polyreel/spec";
import type { LinkOptions, SignedLinks } from "./signed-links.js";

/** Makes the links of a batch's outputs from their `url_path`; an empty path has none. */
type Linker = (urlPath: string) => string;

/** `tenant`: that of the batch; empty for the default one. */
export const linkerOf =
  (links: SignedLinks, { tenant, lifetimeMs }: LinkOptions): Linker =>
  (urlPath) =>
    urlPath && links.url("GET", urlPath, { tenant: tenant || DEFAULT_TENANT, lifetimeMs });

/** Fills the links of a combination that was made for this answer. */
export function linkCombination(one: CombinationStatus, link: Linker): void {
  one.link = link(one.urlPath);
  for (const delivery of one.outputs) delivery.link = link(delivery.urlPath);
}

export function linkDetails({ status, outputs }: CombinationDetails, link: Linker): void {
  if (status) linkCombination(status, link);
  for (const output of outputs) output.link = link(output.urlPath);
}
