import { isIPv4 } from "node:net";

/**
 * The host name in an authority ("studio.example:8080", "[::1]:8080"), as browsers write it: without port, in lower
 * case. Undefined if invalid.
 */
export function hostName(authority: string): string | undefined {
  const url = `http://${authority}`;
  if (/[/?#@\\\s]/.test(authority) || !URL.canParse(url)) return undefined;
  return new URL(url).hostname.replace(/\.$/, "");
}

/** Whether a name or an address is this machine's loopback. */
export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "[::1]" || host === "::1" || (isIPv4(host) && host.startsWith("127."));

export interface HostConfig {
  /** The address that the gateway listens on. */
  readonly host: string;
  /** Host names that requests may use for it. */
  readonly allowedHosts: readonly string[];
  /** Base URLs of links; requests may use their host names, too. */
  readonly links?: { readonly publicUrl: string | undefined; readonly cdnUrl: string | undefined };
}

/**
 * Whether a request may use this host name. A page whose domain resolves to this machine (DNS rebinding) uses that
 * domain: a gateway on loopback answers to loopback's names and to configured ones, any other to configured ones, or to
 * all if none are configured. Loopback's own names cannot be rebound.
 */
export function isAllowedHost(name: string, { host, allowedHosts, links }: HostConfig): boolean {
  if (isLoopback(name) || allowedHosts.includes(name)) return true;
  if ([links?.publicUrl, links?.cdnUrl].some((base) => base !== undefined && name === hostName(new URL(base).host))) {
    return true;
  }
  return !isLoopback(host) && allowedHosts.length === 0;
}
