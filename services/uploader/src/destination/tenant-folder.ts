import { posix } from "node:path";
import { PolyreelError } from "@polyreel/platform";
import { DEFAULT_TENANT } from "@polyreel/spec";

/** Tenants other than the default one have their folders below it. */
export const TENANTS = "tenants";

/**
 * A folder as a tenant names it, as a path below the output folder. Throws PolyreelError `invalid` for one that lies in the
 * folder of tenants: file systems may take "Tenants" for the same name.
 */
export function folderOfTenant(tenant: string, folder: string): string {
  if (isOther(tenant)) return posix.join(`${TENANTS}/${tenant}`, assertInside(folder));
  if (isOfTenant(tenant, folder)) return folder;
  throw notOfTenant(folder);
}

export const notOfTenant = (folder: string): PolyreelError =>
  new PolyreelError("invalid", {
    reason: `${JSON.stringify(folder.slice(0, 80))} lies among the folders of other tenants.`,
    remedy: "Choose another folder.",
  });

/** Whether a path below the output folder is one of a tenant's. */
export const isOfTenant = (tenant: string, folder: string): boolean =>
  isOther(tenant)
    ? `${folder}/`.startsWith(`${TENANTS}/${tenant}/`)
    : (folder.split("/")[0] ?? "").toLowerCase() !== TENANTS;

const isOther = (tenant: string): boolean => tenant !== "" && tenant !== DEFAULT_TENANT;

/** Normalised, a path that climbs would look like one inside. */
function assertInside(folder: string): string {
  if (folder === "." || folder.split("/").every((segment) => segment !== "" && !segment.startsWith("."))) return folder;
  throw new PolyreelError("invalid", {
    reason: `${JSON.stringify(folder.slice(0, 80))} is not a folder below the output folder.`,
    remedy: 'Name a folder like "spring/sale", or "." for the output folder itself.',
  });
}
