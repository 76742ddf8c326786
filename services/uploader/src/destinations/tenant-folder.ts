import { posix } from "node:path";
import { PolyreelError } from "@polyreel/platform";
import { DEFAULT_TENANT, parsePlaced, spellPlaced } from "@polyreel/spec";

/** Contains the folders of all tenants except the default one. */
export const TENANTS = "tenants";

/**
 * Converts a tenant's folder to a path below the output folder, or below the root of its configured destination. Throws
 * PolyreelError `invalid` for one inside the tenants folder: file systems may treat "Tenants" as the same name.
 */
export function folderOfTenant(tenant: string, folder: string): string {
  const placed = parsePlaced(folder);
  return spellPlaced({ ...placed, path: pathOfTenant(tenant, placed.path) });
}

function pathOfTenant(tenant: string, path: string): string {
  if (isOther(tenant)) return posix.join(`${TENANTS}/${tenant}`, assertInside(path));
  if (isOfTenant(tenant, path)) return path;
  throw notOfTenant(path);
}

export const notOfTenant = (folder: string): PolyreelError =>
  new PolyreelError("invalid", {
    reason: `${JSON.stringify(folder.slice(0, 80))} is inside the folders of other tenants.`,
    remedy: "Choose another folder.",
  });

/** Whether a path below the output folder belongs to a tenant. */
export const isOfTenant = (tenant: string, folder: string): boolean =>
  isOther(tenant)
    ? `${folder}/`.startsWith(`${TENANTS}/${tenant}/`)
    : (folder.split("/")[0] ?? "").toLowerCase() !== TENANTS;

const isOther = (tenant: string): boolean => tenant !== "" && tenant !== DEFAULT_TENANT;

/** Checks before normalising: a path with ".." could look like one inside afterwards. */
function assertInside(folder: string): string {
  if (folder === "." || folder.split("/").every((segment) => segment !== "" && !segment.startsWith("."))) return folder;
  throw new PolyreelError("invalid", {
    reason: `${JSON.stringify(folder.slice(0, 80))} is not a folder below the output folder.`,
    remedy: 'Use a folder such as "spring/sale", or "." for the output folder itself.',
  });
}
