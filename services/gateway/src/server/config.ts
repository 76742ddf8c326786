import { isIP } from "node:net";
import { PolyreelError } from "@polyreel/platform";
import { readEnvironment } from "@polyreel/platform/runtime";
import { EnvError, makeValidator, str } from "envalid";
import type { TlsFiles } from "./tls/certificate.js";
import { addNetwork } from "./trusted-proxies.js";

/** How clients reach the port: directly, by TLS, through proxies. */
export interface ServerConfig {
  /** Undefined: the port speaks plaintext. */
  readonly tls: TlsFiles | undefined;
  /** Addresses and networks ("10.1.0.0/16") whose forwarded headers are believed. */
  readonly trustedProxies: readonly string[];
}

export const serverDefaults = { tls: undefined, trustedProxies: [] } as const satisfies ServerConfig;

const networks = makeValidator<readonly string[]>((text) => {
  const entries = text.split(",").flatMap((entry) => entry.trim() || []);
  for (const entry of entries) {
    if (addNetwork(entry)) continue;
    const hint = isIP(entry.split("/")[0] ?? "") ? "its prefix is out of range" : "names are not resolved";
    throw new EnvError(`"${entry}" is neither an address nor a network, as in 10.0.0.7 or 10.1.0.0/16; ${hint}`);
  }
  return entries;
});

export function readServerConfig(env: NodeJS.ProcessEnv): ServerConfig {
  const values = readEnvironment(
    {
      POLYREEL_TLS_CERT: str({ default: "", desc: "file of the certificate and its chain (PEM): the port speaks TLS" }),
      POLYREEL_TLS_KEY: str({ default: "", desc: "file of the certificate's private key (PEM)" }),
      POLYREEL_TRUSTED_PROXIES: networks({
        default: [],
        desc: "addresses and networks of proxies whose forwarded headers are believed, separated by commas",
      }),
    },
    env,
  );
  return {
    tls: tlsFiles(values.POLYREEL_TLS_CERT, values.POLYREEL_TLS_KEY),
    trustedProxies: values.POLYREEL_TRUSTED_PROXIES,
  };
}

function tlsFiles(certificate: string, key: string): TlsFiles | undefined {
  if (certificate === "" && key === "") return undefined;
  if (certificate !== "" && key !== "") return { certificate, key };
  const [set, missing] = certificate ? ["CERT", "KEY"] : ["KEY", "CERT"];
  throw new PolyreelError("invalid", {
    reason: `POLYREEL_TLS_${set} is set, and POLYREEL_TLS_${missing} is not.`,
    remedy: "Set both, to files in PEM; or neither, for plaintext.",
  });
}
