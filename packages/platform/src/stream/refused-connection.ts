import { errors } from "@nats-io/transport-node";
import { PolyreelError } from "../errors.js";

/** Codes of Node's TLS, by what they are about. */
const UNTRUSTED = /^(SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|UNABLE_TO_|CERT_UNTRUSTED|CERT_SIGNATURE|INVALID_CA)/;
const OUTDATED = /^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID)$/;
const OTHER_NAME = "ERR_TLS_CERT_ALTNAME_INVALID";
/** The server's alert about our certificate, or its absence. */
const OURS_REFUSED = /^ERR_SSL_.*_ALERT_/;

/**
 * The error of a connection that will fail again: the server refuses the user or its certificate, or is not the one that
 * we trust. Undefined if the server is only away, or starting.
 */
export function refusedConnection(error: unknown, user: string): PolyreelError | undefined {
  if (error instanceof PolyreelError) return error;
  const refused = (reason: string, remedy: string) =>
    new PolyreelError("precondition", { reason, remedy }, { cause: error });
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof errors.AuthorizationError || cause instanceof errors.UserAuthenticationExpiredError)
      return refused(
        `The NATS server refuses this service's user${user && ` (${user})`}.`,
        "Check POLYREEL_NATS_NKEY_FILE, POLYREEL_NATS_CREDS, POLYREEL_NATS_USER or NATS_URL, and the users in the server's configuration.",
      );
    const code = (cause as NodeJS.ErrnoException).code ?? "";
    if (OUTDATED.test(code))
      return refused(
        "The certificate of the NATS server has expired, or is not valid yet.",
        "Give the server a new certificate, or set this machine's clock.",
      );
    if (UNTRUSTED.test(code))
      return refused(
        "The certificate of the NATS server is not signed by an authority that this service trusts.",
        "Set POLYREEL_NATS_CA to the file of that authority's certificate, or check the address in NATS_URL.",
      );
    if (code === OTHER_NAME)
      return refused(
        "The certificate of the NATS server does not have the name in NATS_URL.",
        "Use a name that the certificate has, or give the server another certificate.",
      );
    if (OURS_REFUSED.test(code))
      return refused(
        "The NATS server refuses this service's client certificate, or misses one.",
        "Set POLYREEL_NATS_CERT and POLYREEL_NATS_KEY to a valid certificate, signed by an authority that the server trusts.",
      );
    if (cause instanceof errors.ConnectionError && cause.message.includes("does not support 'tls'"))
      return refused(
        "The NATS server has no TLS, but this service demands it.",
        "Set up TLS in the server's configuration, or remove tls:// from NATS_URL, and POLYREEL_NATS_CA and POLYREEL_NATS_CERT.",
      );
  }
  return undefined;
}
