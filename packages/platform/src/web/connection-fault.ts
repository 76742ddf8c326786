/** What went wrong with a connection, as a clause; and the remedy if no retry can help. */
export interface ConnectionFault {
  readonly what: string;
  /** Undefined if a retry may help. */
  readonly remedy?: string;
}

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
const PERMANENT: Readonly<Record<string, ConnectionFault>> = {
  ENOTFOUND: { what: "no host has this name", remedy: "Check the address." },
  EPROTO: {
    what: "the TLS handshake failed",
    remedy: "Check whether the address should start with http://.",
  },
  ERR_SSL_WRONG_VERSION_NUMBER: {
    what: "the server does not speak TLS",
    remedy: "Check whether the address should start with http://.",
  },
};

/** Codes of OpenSSL and Node.js for untrusted certificates. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)/;

/** Codes of Node.js's HTTP parser. */
const NOT_HTTP = /^HPE_/;

/** Describes an error of a connection by its code; without one, its end. */
export function connectionFault(error: unknown): ConnectionFault {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (PERMANENT[code]) return PERMANENT[code];
  if (CERTIFICATE.test(code)) {
    return {
      what: `the server's certificate is not trusted (${code})`,
      remedy: "Renew it; a private authority can be set in NODE_EXTRA_CA_CERTS.",
    };
  }
  if (NOT_HTTP.test(code)) return { what: "the server's answer is not HTTP", remedy: "Check the address." };
  return { what: RETRYABLE[code] ?? `the connection failed${code && ` (${code})`}` };
}
