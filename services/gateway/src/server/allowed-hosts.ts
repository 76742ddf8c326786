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
  /** `local` and `none`: whoever reaches the gateway may use it. */
  readonly auth: string;
  /** Host names that requests may use for it. */
  readonly allowedHosts: readonly string[];
  /** Base URLs of links; requests may use their host names, too. */
  readonly links?: { readonly publicUrl: string | undefined; readonly cdnUrl: string | undefined };
}

/**
 * Whether a request may use this host name. A page whose domain resolves to this machine (DNS rebinding) uses that
 * domain, and is to the browser of the gateway's own origin. Addresses are what they are, and never rebound; on
 * loopback no further name is needed, and elsewhere names that public DNS cannot have are as safe. Where callers show
 * who they are, a page has nothing to show under another name: all names pass, unless some are configured.
 */
export function isAllowedHost(name: string, { host, auth, allowedHosts, links }: HostConfig): boolean {
  if (isAddress(name) || isLoopback(name) || allowedHosts.includes(name)) return true;
  if ([links?.publicUrl, links?.cdnUrl].some((base) => base !== undefined && name === hostName(new URL(base).host))) {
    return true;
  }
  if (isLoopback(host)) return false;
  return isInnerName(name) || (allowedHosts.length === 0 && auth !== "local" && auth !== "none");
}

/** IPv4, or IPv6 in brackets. */
const isAddress = (name: string): boolean => isIPv4(name) || name.startsWith("[");

/**
 * Names of containers, services of Kubernetes and inner networks: without a dot, or below a domain that public DNS does
 * not have (RFC 6761, RFC 6762, ICANN's resolution 2024.07.29.06 for `internal`).
 */
const isInnerName = (name: string): boolean => /^[^.]+$|\.(localhost|local|internal|svc)$/.test(name);
