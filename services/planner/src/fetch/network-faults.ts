import { PolyreelError, sourceError } from "@polyreel/platform";
import { TryAgain } from "./try-again.js";

const REACH = "Check that the address is right and its server is running.";

/** Retryable faults of a connection, by the system's code. */
const RETRYABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: "the connection was refused",
  ECONNRESET: "the connection was interrupted",
  EPIPE: "the connection was interrupted",
  ERR_STREAM_PREMATURE_CLOSE: "the connection was interrupted",
  ETIMEDOUT: "the connection timed out",
  EHOSTUNREACH: "the host is unreachable",
  ENETUNREACH: "the network is unreachable",
  EAI_AGAIN: "the name cannot be resolved at present",
};

/** Permanent faults. */
const PERMANENT: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  ENOTFOUND: ["no host has this name", "Check the address."],
  EPROTO: ["the TLS handshake failed", "Check whether the address should start with http://."],
  ERR_SSL_WRONG_VERSION_NUMBER: [
    "the server does not speak TLS",
    "Check whether the address should start with http://.",
  ],
};

/** Codes of OpenSSL and Node.js for untrusted certificates. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)/;

/** Codes of Node.js's HTTP parser. */
const NOT_HTTP = /^HPE_/;

/**
 * Converts an error of a connection: to TryAgain if retryable, else to PolyreelError `invalid`. These two are returned
 * unchanged.
 */
export function networkFault(error: unknown, shown: string): PolyreelError | TryAgain {
  if (error instanceof PolyreelError || error instanceof TryAgain) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const permanent = PERMANENT[code] ?? permanentByPattern(code);
  if (permanent) {
    const [what, remedy] = permanent;
    return sourceError({ reason: `${shown}: ${what}.`, remedy }, { cause: error });
  }
  const what = RETRYABLE[code] ?? `the connection failed${code && ` (${code})`}`;
  return new TryAgain(`${shown}: ${what}.`, REACH, undefined, { cause: error });
}

function permanentByPattern(code: string): readonly [what: string, remedy: string] | undefined {
  if (CERTIFICATE.test(code)) {
    return [
      `the server's certificate is not trusted (${code})`,
      "Renew it; a private authority can be set in NODE_EXTRA_CA_CERTS.",
    ];
  }
  return NOT_HTTP.test(code) ? ["the server's answer is not HTTP", "Check the address."] : undefined;
}
