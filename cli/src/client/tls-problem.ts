import type { Problem } from "../problem.js";

/** Codes of OpenSSL for certificates of an unknown issuer. */
const UNKNOWN_ISSUER = /^(DEPTH_ZERO_)?SELF_SIGNED_CERT|^UNABLE_TO_(GET_ISSUER|VERIFY_LEAF)/;
/** Codes of an answer that is not TLS. */
const PLAINTEXT = /^(EPROTO|ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG)$/;

const CLOCK = "Ask the server's operator to renew it, and check this machine's clock.";

/** Explains why no connection by TLS came about; undefined if another reason prevented a call. */
export function tlsProblem(error: unknown, url: string): Problem | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const found = "code" in cause && typeof cause.code === "string" && problemOf(cause.code, cause, url);
    if (found) return found;
  }
  return undefined;
}

/** Whether TLS is what prevented a call: repeating it would not help. */
export const isTlsFault = (error: unknown): boolean => tlsProblem(error, "") !== undefined;

function problemOf(code: string, error: Error, url: string): Problem | undefined {
  if (UNKNOWN_ISSUER.test(code)) {
    return {
      what: `The certificate of ${url} is of an issuer that is not known here (${code}).`,
      remedy:
        "If the issuer is your own authority, name the file of its certificate in POLYREEL_CA. " +
        "If it is a public one, the server does not send the intermediate certificates.",
    };
  }
  if (code === "CERT_HAS_EXPIRED") return { what: `The certificate of ${url} has expired.`, remedy: CLOCK };
  if (code === "CERT_NOT_YET_VALID") return { what: `The certificate of ${url} is not valid yet.`, remedy: CLOCK };
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    const { host = "this one", cert } = error as Error & { host?: string; cert?: { subjectaltname?: string } };
    const names = cert?.subjectaltname?.replace(/\b(DNS|IP Address):/g, "");
    return {
      what: `The certificate of ${url} is for ${names || "other names"}, not for ${host}.`,
      remedy: "Give the server's address with a name of its certificate, or issue one that has this name.",
    };
  }
  if (PLAINTEXT.test(code)) {
    return {
      what: `The server at ${url} does not speak TLS.`,
      remedy: `Give its address as ${url.replace("https:", "http:")}, or its port for https.`,
    };
  }
  if (/^ERR_(SSL|TLS)_|^CERT_/.test(code)) {
    return { what: `No connection by TLS to ${url} (${code}).`, remedy: "Check the server's certificate and its log." };
  }
  return undefined;
}
