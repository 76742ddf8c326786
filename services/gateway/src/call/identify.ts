import { PolyreelError } from "@polyreel/platform";
import { isTenant } from "@polyreel/platform/blobs";
import { ALL_TENANTS, type Call } from "./call.js";

/** Restricts a call to one tenant's data. */
export const TENANT_HEADER = "polyreel-tenant";

/**
 * The single place where a request becomes a Call, for RPCs and outputs alike; authentication belongs here. Until then
 * the caller is the local principal, with access to all tenants' data, or to one tenant's if the header names it.
 * `header` is the header's value; null without one. Throws PolyreelError `invalid` for an invalid tenant name,
 * including an empty one.
 */
export function identify(header: string | null, signal: AbortSignal): Call {
  const principal = { kind: "local" } as const;
  if (header === null) return { principal, scope: ALL_TENANTS, signal };
  if (isTenant(header)) return { principal, scope: { tenant: header }, signal };
  throw new PolyreelError("invalid", {
    field: TENANT_HEADER,
    reason: `${JSON.stringify(header.slice(0, 80))} is not a tenant's name.`,
    remedy: "Name one tenant: up to 63 lowercase letters, digits and hyphens. Or leave the header out.",
  });
}
