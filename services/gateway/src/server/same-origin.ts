import type { Handler } from "./one-port.js";

type Request = Pick<Parameters<Handler>[0], "headers" | "url">;

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
  return authoritiesOf(request).some((authority) => isOwnOrigin(origin, authority));
}

/** Everything in a request that names the server: Host, `:authority`, the target of a proxy's request. */
export function authoritiesOf({ headers, url = "" }: Request): string[] {
  const target = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(url)?.[1];
  return [headers.host, headers[":authority"], target].filter((one): one is string => typeof one === "string");
}

/** A proxy may terminate TLS, so the scheme is taken from the origin. */
function isOwnOrigin(origin: string, authority: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, host } = new URL(origin);
  const own = `${protocol}//${authority}`;
  return host !== "" && URL.canParse(own) && new URL(own).host === host;
}
