/** The server that e-mails are sent through. */
export interface SmtpConfig {
  readonly host: string;
  readonly port: number;
  /** TLS from the start, by STARTTLS, or not at all. */
  readonly tls: "direct" | "starttls" | "offered" | "none";
  readonly user: string;
  readonly password: string;
  /** An address, without a name. */
  readonly from: string;
}
