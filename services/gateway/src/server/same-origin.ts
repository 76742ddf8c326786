import { clientOf } from "./client-address.js";
import type { Handler } from "./one-port.js";

type Request = Parameters<Handler>[0];

/** Values of Sec-Fetch-Site for requests by pages of another origin. */
const FOREIGN_SITES: readonly unknown[] = ["cross-site", "same-site"];

/**
 * Whether nothing shows that a page of another origin sent a request: it comes from the gateway's own pages, from a
 * person's own input, or from no browser. Browsers state the origin in all requests that can change something, forms
 * included, and pages cannot change that header. Whoever authenticates requests by what browsers add (cookies) asks
 * this before anything is changed. Other ports of the same host are other origins.
 */
export function isSameSite(request: Request): boolean {
  const { origin, "sec-fetch-site": site } = request.headers;
  if (origin === undefined) return !FOREIGN_SITES.includes(site);
  return authoritiesOf(request).some((authority) => isOwnOrigin(origin, authority, clientOf(request).scheme));
}

/** Everything in a request that names the server: Host, `:authority`, a proxied target, a trusted proxy's statement. */
export function authoritiesOf(request: Request): string[] {
  const { headers, url = "" } = request;
  const target = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(url)?.[1];
  const all = [headers.host, headers[":authority"], target, clientOf(request).host];
  return all.filter((one): one is string => typeof one === "string");
}

function isOwnOrigin(origin: string, authority: string, scheme: string | undefined): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, host } = new URL(origin);
  if (scheme !== undefined && protocol !== `${scheme}:`) return false;
  const own = `${protocol}//${authority}`;
  return host !== "" && URL.canParse(own) && new URL(own).host === host;
}
