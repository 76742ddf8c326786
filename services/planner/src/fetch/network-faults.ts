import { PolyreelError, sourceError } from "@polyreel/platform";
import { TryAgain } from "./try-again.js";

const REACH = "Check that the address is right and its server up.";

/** Faults of a connection that pass, by the system's code. */
const PASSING: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing answers there (connection refused)",
  ECONNRESET: "the connection broke off",
  EPIPE: "the connection broke off",
  ERR_STREAM_PREMATURE_CLOSE: "the connection broke off",
  ETIMEDOUT: "the connection timed out",
  EHOSTUNREACH: "there is no way to that host",
  ENETUNREACH: "there is no way to that network",
  EAI_AGAIN: "the name can't be looked up at present",
};

/** Faults that stay. */
const LASTING: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  ENOTFOUND: ["no host has that name", "Check the address."],
  EPROTO: ["the server does not speak TLS as it should", "Check whether the address should begin with http://."],
  ERR_SSL_WRONG_VERSION_NUMBER: [
    "the server does not speak TLS",
    "Check whether the address should begin with http://.",
  ],
};

/** Of OpenSSL and Node.js, for certificates that prove nothing. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)/;

/** What is not HTTP, as Node.js's parser tells it. */
const NOT_HTTP = /^HPE_/;

/**
 * An error of a connection in our words: TryAgain where it may pass, PolyreelError `invalid` where it stays. Ours come back
 * as they are.
 */
export function networkFault(error: unknown, shown: string): PolyreelError | TryAgain {
  if (error instanceof PolyreelError || error instanceof TryAgain) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const lasting = LASTING[code] ?? lastingByForm(code);
  if (lasting) {
    const [what, remedy] = lasting;
    return sourceError({ reason: `${shown}: ${what}.`, remedy }, { cause: error });
  }
  const what = PASSING[code] ?? `the connection failed${code && ` (${code})`}`;
  return new TryAgain(`${shown}: ${what}.`, REACH, undefined, { cause: error });
}

function lastingByForm(code: string): readonly [what: string, remedy: string] | undefined {
  if (CERTIFICATE.test(code)) {
    return [
      `the server's certificate is not to be trusted (${code})`,
      "Renew it; an authority of your own can be named in NODE_EXTRA_CA_CERTS.",
    ];
  }
  return NOT_HTTP.test(code) ? ["the server answers with something that is not HTTP", "Check the address."] : undefined;
}
