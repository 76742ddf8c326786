import { PolyreelError } from "@polyreel/platform";
import { isTenant } from "@polyreel/platform/blobs";
import type { LinkClaim } from "../links/signed-links.js";
import { ALL_TENANTS, type Call } from "./call.js";

/** Restricts a call to one tenant's data. */
export const TENANT_HEADER = "polyreel-tenant";

/** What a request states about its caller. */
export interface Credentials {
  /** Value of the header; null without one. */
  readonly header: string | null;
  /** What its signed link permits, if it has a valid one. */
  readonly link?: LinkClaim | undefined;
}

/**
 * The single place where a request becomes a Call, for RPCs and outputs alike; authentication belongs here. A signed link is
 * the caller where there is one, and reaches the data of its tenant. Otherwise the caller is the local principal until then,
 * with access to all tenants' data, or to one tenant's if the header names it. Throws PolyreelError `invalid` for an invalid
 * tenant name, including an empty one; `denied` for a link of another tenant.
 */
export function identify({ header, link }: Credentials, signal: AbortSignal): Call {
  if (header !== null && !isTenant(header)) {
    throw new PolyreelError("invalid", {
      field: TENANT_HEADER,
      reason: `${JSON.stringify(header.slice(0, 80))} is not a tenant's name.`,
      remedy: "Name one tenant: up to 63 lowercase letters, digits and hyphens. Or leave the header out.",
    });
  }
  if (link) {
    if (header !== null && header !== link.tenant) throw foreignLink();
    const principal = { kind: "link", expiresAtMs: link.expiresAtMs } as const;
    return { principal, scope: { tenant: link.tenant }, signal };
  }
  return { principal: { kind: "local" }, scope: header === null ? ALL_TENANTS : { tenant: header }, signal };
}

const foreignLink = (): PolyreelError =>
  new PolyreelError("denied", {
    field: TENANT_HEADER,
    reason: "The link is for the data of another tenant than the header names.",
    remedy: "Leave the header out: a link names its tenant.",
  });
