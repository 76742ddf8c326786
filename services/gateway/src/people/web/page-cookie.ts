import { PolyreelError } from "@polyreel/platform";
import { parseCookie, stringifySetCookie } from "cookie";
import type { Handler } from "../../server/one-port.js";
import { isSameSite } from "../../server/same-origin.js";

type Request = Parameters<Handler>[0];

/**
 * Browsers keep it only if it is for this very host, over TLS or on loopback, whose plain HTTP counts as safe:
 * https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
 */
const NAME = "__Host-polyreel";
const READING: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/** The session's token in a request's cookie. */
export const pageCookie = ({ headers }: Request): string | undefined =>
  headers.cookie === undefined ? undefined : parseCookie(headers.cookie)[NAME] || undefined;

/** Value of Set-Cookie. Scripts never see it, and other sites' requests do not send it, except for links to follow. */
export const setPageCookie = (token: string, expires: Date): string => written(token, expires);

/** Removes it. */
export const clearPageCookie = (): string => written("", new Date(0));

const written = (value: string, expires: Date): string =>
  stringifySetCookie({ name: NAME, value, expires, path: "/", httpOnly: true, secure: true, sameSite: "lax" });

/**
 * Throws PolyreelError `denied` for a request that may change something and does not come from one of the gateway's own pages:
 * browsers add cookies to it, whoever makes them send it. Such a request states its origin in every browser.
 */
export function assertFromOwnPage(request: Request): void {
  if (READING.has(request.method ?? "")) return;
  const { origin, "sec-fetch-site": site } = request.headers;
  if (isSameSite(request) && (origin !== undefined || site === "same-origin")) return;
  throw new PolyreelError("denied", {
    reason: "A request with a page's cookie must come from one of the gateway's own pages.",
    remedy: 'Programs send a key or a token instead: "Authorization: Bearer ...".',
  });
}
