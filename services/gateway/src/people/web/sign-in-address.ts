import { PolyreelError } from "@polyreel/platform";
import type { Handler } from "../../server/one-port.js";
import { SIGN_IN } from "./addresses.js";

/** Where a browser that asked for a page finds out that it must sign in first; undefined for other requests and errors. */
export function signInAddress(request: Parameters<Handler>[0], error: unknown): string | undefined {
  if (!(error instanceof PolyreelError) || error.code !== "unauthenticated") return undefined;
  const { method, url = "", headers } = request;
  if (method !== "GET" || !/\btext\/html\b/.test(headers.accept ?? "")) return undefined;
  return `${SIGN_IN}?${new URLSearchParams({ to: url })}`;
}

const SELF = "http://self.invalid";

/** An address to go to after signing in, if it is one of this server; otherwise the front page. */
export function ownPath(to: string): string {
  // Browsers take "//host" and "/\host" for other hosts, and leave out control characters before they look.
  if (!to.startsWith("/") || /[\\\p{Cc}]/u.test(to) || !URL.canParse(to, SELF)) return "/";
  const { origin, pathname, search, hash } = new URL(to, SELF);
  return origin === SELF && !pathname.startsWith("//") ? `${pathname}${search}${hash}` : "/";
}
