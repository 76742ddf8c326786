import { PolyreelError } from "@polyreel/platform";
import { isTenant } from "@polyreel/platform/blobs";
import { rightsOf } from "../access/callers.js";
import type { LinkClaim } from "../links/signed-links.js";
import { ALL_TENANTS, type Call, type Principal } from "./call.js";

/** Restricts a call to one tenant's data. */
export const TENANT_HEADER = "polyreel-tenant";

/** What a request states about its caller. */
export interface Credentials {
  /** Value of the header; null without one. */
  readonly header: string | null;
  /** What its signed link permits, if it has a valid one. */
  readonly link?: LinkClaim | undefined;
  /** Whose key it has. */
  readonly caller: Principal;
}

/**
 * The single place where a request becomes a Call, for RPCs and everything else alike. A signed link is the caller where
 * there is one, and reaches the data of its tenant. Otherwise a caller reaches the data of its own tenant; operators those
 * of all tenants, or of one if the header names it; anyone those of none. Throws PolyreelError `invalid` for an invalid tenant
 * name, including an empty one; `denied` for another tenant than the caller's.
 */
export function identify({ header, link, caller }: Credentials, signal: AbortSignal): Call {
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
  if (caller.kind === "anyone") return { principal: caller, scope: { tenant: "" }, signal };
  const { tenant } = rightsOf(caller);
  if (tenant !== "" && header !== null && header !== tenant) throw foreignTenant();
  const only = header ?? tenant;
  return { principal: caller, scope: only === "" ? ALL_TENANTS : { tenant: only }, signal };
}

const foreignTenant = (): PolyreelError =>
  new PolyreelError("denied", {
    field: TENANT_HEADER,
    reason: "The key is for the data of another tenant than the header names.",
    remedy: "Leave the header out: a key names its tenant.",
  });

const foreignLink = (): PolyreelError =>
  new PolyreelError("denied", {
    field: TENANT_HEADER,
    reason: "The link is for the data of another tenant than the header names.",
    remedy: "Leave the header out: a link names its tenant.",
  });
