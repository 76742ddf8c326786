import { isIPv4 } from "node:net";

/**
 * The name in an authority ("studio.example:8080", "[::1]:8080"), as browsers write it: without its port, in lower case.
 * Undefined where it is none.
 */
export function hostName(authority: string): string | undefined {
  const url = `http://${authority}`;
  if (/[/?#@\\\s]/.test(authority) || !URL.canParse(url)) return undefined;
  return new URL(url).hostname.replace(/\.$/, "");
}

/** Whether a name or an address means this machine and no other. */
export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "[::1]" || host === "::1" || (isIPv4(host) && host.startsWith("127."));

export interface HostConfig {
  /** The address that the gateway listens on. */
  readonly host: string;
  /** Names that requests may use for it. */
  readonly allowedHosts: readonly string[];
}

/**
 * Whether a request may name the gateway so. A page whose name is made to mean this machine (DNS rebinding) calls it by that
 * name: a gateway on the loopback answers to the loopback's names and to those it was given, any other to those it was
 * given, or to all where it was given none. No page can rebind the loopback's own names.
 */
export function isAllowedHost(name: string, { host, allowedHosts }: HostConfig): boolean {
  if (isLoopback(name) || allowedHosts.includes(name)) return true;
  return !isLoopback(host) && allowedHosts.length === 0;
}
