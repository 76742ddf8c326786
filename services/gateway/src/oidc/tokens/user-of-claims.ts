import { Role } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { isTenant } from "@polyreel/platform/blobs";
import type { SignedInUser } from "../../call/call.js";
import type { Rule } from "../settings/claim-rule.js";
import type { ProviderSettings } from "../settings/provider-settings.js";
import { type Claims, claimValues } from "./claim-values.js";

export type ProvidedUser = Pick<SignedInUser, "id" | "name" | "role" | "tenant">;

const MAX_SUBJECT = 255; // https://openid.net/specs/openid-connect-core-1_0.html#IDToken
const NAME = /^[^\p{C}]{1,200}$/u;

/**
 * Who a provider's verified claims are about, and what they may do here. Whoever the provider knows is somebody, but has a role
 * only if a rule gives one. Throws PolyreelError `denied` without a role, a tenant or an email address that may sign in.
 */
export function userOfClaims(claims: Claims, settings: ProviderSettings): ProvidedUser {
  const { sub } = claims;
  if (typeof sub !== "string" || sub === "" || sub.length > MAX_SUBJECT) throw refused(settings, "names no subject");
  assertEmail(claims, settings);
  const roles = granted(settings.role, claims);
  if (roles.length === 0) throw refused(settings, "gives you no role here");
  const role = Math.max(...roles) as Role;
  const id = idOfUser(settings.name, sub);
  const name = nameOf(claims) ?? id;
  // Operators reach all tenants.
  return { id, name, role, tenant: role === Role.OPERATOR ? "" : tenantOf(claims, settings) };
}

/** A person's id here. Subjects are unique to their provider. */
export const idOfUser = (provider: string, subject: string): string => `${provider}:${subject}`;

function tenantOf(claims: Claims, settings: ProviderSettings): string {
  const tenants = new Set(granted(settings.tenant, claims));
  const [tenant, another] = tenants;
  if (tenant === undefined) throw refused(settings, "gives you no tenant");
  if (another !== undefined) throw refused(settings, "gives you several tenants, and a sign-in is for one");
  if (!isTenant(tenant)) throw refused(settings, "gives you a tenant whose name is none");
  return tenant;
}

/** What a rule gives, for each value of its claim that it knows. */
function granted<T>(rule: Rule<T>, claims: Claims): T[] {
  if ("fixed" in rule) return [rule.fixed];
  const found = claimValues(claims, rule.claim);
  const { values } = rule;
  // Without values a rule is one of tenants, whose names the claim has.
  return values ? found.flatMap((value) => values.get(value) ?? []) : (found as T[]);
}

function assertEmail({ email, email_verified: isVerified }: Claims, settings: ProviderSettings): void {
  const { emailDomains } = settings;
  if (emailDomains.length === 0) return;
  if (typeof email !== "string" || isVerified !== true) throw refused(settings, "confirms no email address of yours");
  const domain = email.slice(email.lastIndexOf("@") + 1).toLowerCase();
  if (!emailDomains.includes(domain)) throw refused(settings, "has an email address for you that may not sign in");
}

const nameOf = (claims: Claims): string | undefined =>
  ["email", "preferred_username", "name"]
    .map((claim) => claims[claim])
    .find((value): value is string => typeof value === "string" && NAME.test(value));

const refused = ({ label }: ProviderSettings, why: string): PolyreelError =>
  new PolyreelError("denied", {
    reason: `The sign-in is valid, but ${JSON.stringify(label)} ${why}.`,
    remedy: "Ask an administrator for the right group. An operator says what gives which role: POLYREEL_OIDC.",
  });
