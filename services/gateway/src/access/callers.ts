import { Role } from "@polyreel/contract";
import type { Principal } from "../call/call.js";
import { type PageScheme, type Scheme, wrongToken } from "./scheme.js";

/** Tells who is calling, by the header or the cookie of a request. */
export class Callers {
  constructor(
    private readonly schemes: readonly Scheme[],
    private readonly pages: PageScheme,
  ) {}

  /** The caller of a request with this `Authorization` header. Throws PolyreelError `unauthenticated`. */
  async identify(authorization: string): Promise<Principal> {
    const token = bearer(authorization);
    if (token === undefined) throw wrongToken();
    for (const scheme of this.schemes) {
      const principal = await scheme.identify(token);
      if (principal) return principal;
    }
    throw wrongToken();
  }

  /** The same at once, if the token was verified a moment ago: a request that need not wait is served much faster. */
  recall(authorization: string): Principal | undefined {
    const token = bearer(authorization);
    if (token === undefined) return undefined;
    for (const scheme of this.schemes) {
      const principal = scheme.recall?.(token);
      if (principal) return principal;
    }
    return undefined;
  }

  /** The caller of a request with this cookie; undefined if it is wrong, or no longer valid. */
  identifyPage(cookie: string): Promise<Principal | undefined> {
    return this.pages.identifyPage(cookie);
  }

  /** Whether a caller would still be accepted: for calls that stay open. */
  async stillHolds(principal: Principal): Promise<boolean> {
    for (const scheme of this.schemes) if (!(await scheme.stillHolds(principal))) return false;
    return true;
  }
}

/** The role of a caller, and the only tenant it reaches; empty: all. */
export function rightsOf(principal: Principal): { readonly role: Role; readonly tenant: string } {
  switch (principal.kind) {
    case "key":
      return principal.key;
    case "user":
      return principal.user;
    case "local":
    case "setup":
      return { role: Role.OPERATOR, tenant: "" };
    case "anyone":
    case "link":
      return { role: Role.UNSPECIFIED, tenant: "" };
  }
}

const BEARER = /^Bearer +([^ ]+) *$/i;
/** Tokens of providers list groups. */
const MAX_HEADER = 12 * 1024;

/** The token of an `Authorization` header; undefined if it has none. */
export const bearer = (header: string): string | undefined =>
  header.length > MAX_HEADER ? undefined : BEARER.exec(header)?.[1];
