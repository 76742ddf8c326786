import { PolyreelError } from "@polyreel/platform";
import { DEFAULT_TENANT } from "@polyreel/spec";

/** Who is calling: until callers have identities, whoever reaches the gateway, who operates it. */
export interface Principal {
  readonly kind: "local";
}

/** Whose data is reached. An empty tenant is nobody's: everybody's is written out. */
export type Scope = { readonly tenant: string } | { readonly all: true };

export const ALL_TENANTS = { all: true } as const satisfies Scope;

/** What every handler gets: who is calling, what the call may reach, and when nobody wants its answer any more. */
export interface Call {
  readonly principal: Principal;
  readonly scope: Scope;
  readonly signal: AbortSignal;
}

export const reaches = (scope: Scope, tenant: string): boolean => "all" in scope || scope.tenant === tenant;

/** Tells scopes apart as a string. */
export const scopeKey = (scope: Scope): string => ("all" in scope ? "" : scope.tenant);

/** What a request asks for that names a tenant, of what its call may reach; all of that where it names none. */
export function narrowed(scope: Scope, tenant: string, field: string): Scope {
  if (tenant === "") return scope;
  assertReaches(scope, tenant, field);
  return { tenant };
}

/** Whose a request's data becomes: the tenant it names, else the call's. */
export function tenantFor(scope: Scope, tenant: string, field: string): string {
  if (tenant === "") return "all" in scope ? DEFAULT_TENANT : scope.tenant;
  assertReaches(scope, tenant, field);
  return tenant;
}

/** Throws PolyreelError `denied` for a call that is made for one tenant. */
export function assertOperator({ scope }: Call): void {
  if ("all" in scope) return;
  throw new PolyreelError("denied", {
    reason: `This call reaches the data of all tenants, and is made for tenant ${JSON.stringify(scope.tenant)}.`,
    remedy: "Operators make it, without naming a tenant in the call's headers.",
  });
}

/** The same whether there is such a tenant or not. */
function assertReaches(scope: Scope, tenant: string, field: string): void {
  if ("all" in scope || scope.tenant === tenant) return;
  throw new PolyreelError("denied", {
    field,
    reason: `The call is made for tenant ${JSON.stringify(scope.tenant)}, and names another one.`,
    remedy: "Leave the tenant out, or name the call's own.",
  });
}
