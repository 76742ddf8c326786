import { isIPv6 } from "node:net";

/**
 * A base URL that paths of the gateway are appended to: "https://studio.example/polyreel", without a slash at the end.
 * Undefined if it is none. Pure.
 */
export function baseUrl(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    return undefined;
  return url.origin + url.pathname.replace(/\/+$/, "");
}

/** The address of a gateway for clients of its own machine, if it has no public one. Pure. */
export function ownUrl(host: string, port: number, scheme: "http" | "https"): string {
  const reachable = host === "" || host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return `${scheme}://${isIPv6(reachable) ? `[${reachable}]` : reachable}:${port}`;
}
