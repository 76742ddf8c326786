import type { Log } from "@polyreel/platform/runtime";
import { isLoopback } from "./allowed-hosts.js";

interface Exposure {
  readonly host: string;
  readonly auth: string;
  readonly tls: object | undefined;
  readonly trustedProxies: readonly string[];
  readonly links: { readonly publicUrl: string | undefined };
}

/**
 * Warns if callers on other machines would send their keys in plaintext. Not an error: in a container every address is
 * one's own, and only its operator knows what the port is published to. A trusted proxy, or a public URL with https,
 * says that TLS ends before the gateway.
 */
export function warnOfPlaintext({ host, auth, tls, trustedProxies, links }: Exposure, log: Log): void {
  if (tls || auth === "local" || auth === "none" || isLoopback(host)) return;
  if (trustedProxies.length > 0 || links.publicUrl?.startsWith("https:")) return;
  log.warn(
    { host },
    "callers send their keys in plaintext: set POLYREEL_TLS_CERT and POLYREEL_TLS_KEY; " +
      "or POLYREEL_TRUSTED_PROXIES, if a proxy before the gateway ends TLS",
  );
}
