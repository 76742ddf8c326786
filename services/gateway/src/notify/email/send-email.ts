import { createTransport } from "nodemailer";
import { accepted, type Outcome, refused } from "../outcome.js";
import type { ComposedEmail } from "./compose-email.js";
import type { SmtpConfig } from "./smtp-config.js";

const PERMANENT = 500;

/** Sends an e-mail over a connection of its own. Throws only if the signal aborts. */
export async function sendEmail(
  { subject, text, messageId }: ComposedEmail,
  to: readonly string[],
  smtp: SmtpConfig,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<Outcome> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const transport = createTransport({
    host: smtp.host,
    port: smtp.port,
    secure: smtp.tls === "direct",
    requireTLS: smtp.tls === "starttls",
    ignoreTLS: smtp.tls === "none",
    ...(smtp.user && { auth: { user: smtp.user, pass: smtp.password } }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    // The content is ours; nothing of it may be read from files or addresses.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    const sent = await transport.sendMail({
      from: smtp.from,
      to: [...to],
      subject,
      text,
      messageId,
      headers: { "Auto-Submitted": "auto-generated" },
      signal: AbortSignal.any([signal, timeout]),
    });
    const refusedTo = sent.rejected?.length ?? 0;
    if (refusedTo > 0)
      return refused(`The mail server refused ${refusedTo} of ${to.length} recipients.`, { final: true });
    return accepted(codeIn(sent.response ?? ""), "");
  } catch (error) {
    signal.throwIfAborted();
    if (timeout.aborted) return refused(`The mail server did not take the e-mail within ${timeoutMs / 1000} s.`);
    return failureOf(error);
  } finally {
    transport.close();
  }
}

/** Without the server's own words, which may repeat credentials. */
function failureOf(error: unknown): Outcome {
  const { code = "", responseCode = 0 } = error as { code?: string; responseCode?: number };
  const known = REASONS[code];
  const status = responseCode;
  const answer = status > 0 ? ` (${status})` : "";
  if (known !== undefined) return refused(`${known}${answer}.`, { status });
  const reason = `The mail server ${status > 0 ? "refused the e-mail" : "could not be reached"}${answer || ` (${code || "unknown"})`}.`;
  return refused(reason, { status, final: status >= PERMANENT });
}

/** Faults of the configuration or the network: the e-mail is sent once they are mended. */
const REASONS: Readonly<Record<string, string>> = {
  EAUTH: "The mail server refused user and password",
  ETLS: "The mail server does not offer the TLS that is required",
  ECONNECTION: "The mail server could not be reached",
  ESOCKET: "The connection to the mail server failed",
  EDNS: "The mail server's name cannot be resolved",
  ETIMEDOUT: "The mail server did not answer in time",
};

const codeIn = (response: string): number => Number(/^\d{3}/.exec(response)?.[0] ?? 0);
