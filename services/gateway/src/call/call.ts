import type { Key, Role } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { DEFAULT_TENANT } from "@polyreel/spec";

/**
 * The caller: a person who signed in; whoever has a key, or a signed link, for its one path; or `local`: where the gateway asks for no keys, whoever
 * can reach it is its operator. `setup` makes the first key. `anyone` has shown nothing.
 */
export type Principal =
  | { readonly kind: "local" }
  | { readonly kind: "key"; readonly key: Key }
  | { readonly kind: "user"; readonly user: SignedInUser }
  | { readonly kind: "setup" }
  | { readonly kind: "anyone" }
  | { readonly kind: "link"; readonly expiresAtMs: number };

/** A person, as signed in here or by a provider's token. */
export interface SignedInUser {
  readonly id: string;
  /** Their email address. */
  readonly name: string;
  readonly role: Role;
  /** The only one whose data they reach; empty for operators, who reach all. */
  readonly tenant: string;
  /** Id of the sign-in; empty for a provider's token. */
  readonly session: string;
  /** When they have to show a newer token, in milliseconds since 1970. */
  readonly expiresAtMs: number;
}

/** Accessible data. An empty tenant has none; access to all is explicit. */
export type Scope = { readonly tenant: string } | { readonly all: true };

export const ALL_TENANTS = { all: true } as const satisfies Scope;

/** Context of every handler: the caller, its scope, and the signal of the call. */
export interface Call {
  readonly principal: Principal;
  readonly scope: Scope;
  readonly signal: AbortSignal;
  /** Of the client. */
  readonly address?: string;
}

export const reaches = (scope: Scope, tenant: string): boolean => "all" in scope || scope.tenant === tenant;

/** A string that identifies a scope. */
export const scopeKey = (scope: Scope): string => ("all" in scope ? "" : scope.tenant);

/** Narrows a call's scope to the tenant named in a request, if any. */
export function narrowed(scope: Scope, tenant: string, field: string): Scope {
  if (tenant === "") return scope;
  assertReaches(scope, tenant, field);
  return { tenant };
}

/** Tenant of new data: the one named in a request, or else the call's. */
export function tenantFor(scope: Scope, tenant: string, field: string): string {
  if (tenant === "") return "all" in scope ? DEFAULT_TENANT : scope.tenant;
  assertReaches(scope, tenant, field);
  return tenant;
}

/** Throws PolyreelError `denied` for a call that is restricted to one tenant. */
export function assertOperator({ scope }: Call): void {
  if ("all" in scope) return;
  throw new PolyreelError("denied", {
    reason: `This call reaches the data of all tenants, and is made for tenant ${JSON.stringify(scope.tenant)}.`,
    remedy: "Operators make it, without naming a tenant in the call's headers.",
  });
}

/** The same error whether or not there is such a tenant. */
function assertReaches(scope: Scope, tenant: string, field: string): void {
  if ("all" in scope || scope.tenant === tenant) return;
  throw new PolyreelError("denied", {
    field,
    reason: `The call is made for tenant ${JSON.stringify(scope.tenant)}, and names another one.`,
    remedy: "Leave the tenant out, or name the call's own.",
  });
}
