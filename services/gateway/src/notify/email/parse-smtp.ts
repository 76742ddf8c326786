import { PolyreelError } from "@polyreel/platform";
import type { SmtpConfig } from "./smtp-config.js";

interface SmtpVariables {
  readonly url: string;
  readonly host: string;
  readonly port: string;
  readonly user: string;
  readonly password: string;
  readonly from: string;
  readonly tls: string;
}

const ADDRESS = /^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}$/;
const PORTS = { direct: 465, starttls: 587, offered: 587, none: 25 } as const;

/**
 * The mail server of the SMTP_* variables; undefined if there is none. TLS is required unless the server is on this
 * machine or SMTP_TLS says otherwise. Throws PolyreelError `invalid`, which quotes none of the values.
 */
export function parseSmtp(given: SmtpVariables): SmtpConfig | undefined {
  if (given.url === "" && given.host === "") return undefined;
  if (given.url !== "" && given.host !== "") throw wrong("SMTP_URL and SMTP_HOST are both set.", "Set one of them.");
  const url = given.url === "" ? undefined : smtpUrl(given.url);
  const host = url ? url.hostname.replace(/^\[(.*)\]$/, "$1") : given.host;
  const isHere = host === "localhost" || host === "::1" || host.startsWith("127.");
  const standard = url?.protocol === "smtps:" ? "direct" : isHere ? "offered" : "starttls";
  const tls = (given.tls || standard) as SmtpConfig["tls"];
  const port = Number(url?.port || given.port || PORTS[tls]);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw wrong("SMTP_PORT is no port.", "Set it to 1 to 65535.");
  if (!ADDRESS.test(given.from)) {
    throw wrong(
      "SMTP_FROM is not an e-mail address.",
      "Set it to the sender's address alone, as in polyreel@example.com.",
    );
  }
  return {
    ...{ host, port, tls },
    user: url?.username ? decodeURIComponent(url.username) : given.user,
    password: url?.password ? decodeURIComponent(url.password) : given.password,
    from: given.from,
  };
}

function smtpUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isRight = url && /^smtps?:$/.test(url.protocol) && url.hostname !== "";
  if (isRight && url.search === "" && /^\/?$/.test(url.pathname)) return url;
  throw wrong("SMTP_URL is no address of a mail server.", "Write it as in smtps://user:password@mail.example:465.");
}

const wrong = (reason: string, remedy: string): PolyreelError => new PolyreelError("invalid", { reason, remedy });
