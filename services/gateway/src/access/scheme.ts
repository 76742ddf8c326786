import { PolyreelError } from "@polyreel/platform";
import type { Principal } from "../call/call.js";

/** A way in which callers say who they are, by the token of a request. */
export interface Scheme {
  /** Undefined for a token of another scheme. Throws PolyreelError `unauthenticated` for a wrong one of this scheme. */
  identify(token: string): Promise<Principal | undefined>;
  /** The same for a token that was verified a moment ago, at once. */
  recall?(token: string): Principal | undefined;
  /** Whether a principal of any scheme would still be accepted, as far as this scheme knows: for calls that stay open. */
  stillHolds(principal: Principal): Promise<boolean>;
}

/** How pages of the gateway show who uses them. */
export interface PageScheme {
  /** Undefined for a wrong cookie, and one whose session is over. */
  identifyPage(cookie: string): Promise<Principal | undefined>;
}

/** One for whatever is wrong, in every scheme: it tells nothing about others' keys. */
export const wrongToken = (): PolyreelError =>
  new PolyreelError("unauthenticated", {
    reason: "The key or token is unknown, or no longer valid.",
    remedy: "Sign in again (polyreel login), or ask an administrator of your tenant for another key.",
  });
