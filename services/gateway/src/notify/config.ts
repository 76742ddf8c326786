import { readFileSync } from "node:fs";
import { isAbsolute } from "node:path";
import { pathToString } from "@bufbuild/protobuf/reflect";
import { createValidator } from "@bufbuild/protovalidate";
import { type Notify, NotifySchema } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { amount, readEnvironment } from "@polyreel/platform/runtime";
import { type Admission, admissionOf, WEBHOOKS } from "@polyreel/platform/web";
import { normalizeNotify } from "@polyreel/spec";
import { EVERY_TENANT, parseNotify } from "@polyreel/spec/batch-file";
import { checkNotify, wordingOf } from "@polyreel/spec/checks";
import { EnvError, makeValidator, str } from "envalid";
import { parseSmtp } from "./email/parse-smtp.js";
import type { SmtpConfig } from "./email/smtp-config.js";
import { parseWebhookSecrets, type WebhookSecrets } from "./webhook/webhook-secrets.js";

export interface NotifyConfig {
  /** Off: nothing is recorded or sent, as in a render without a server. */
  readonly enabled: boolean;
  /** Receivers of batches that name none, by tenant, and for every other. */
  readonly defaults: ReadonlyMap<string, readonly Notify[]>;
  readonly secrets: WebhookSecrets;
  /** Where webhooks may be sent. */
  readonly admission: Admission;
  /** For one attempt. */
  readonly timeoutMs: number;
  /** Undefined: no e-mails can be sent. */
  readonly smtp: SmtpConfig | undefined;
  /** Domains that batches may send e-mails to; "*" for any. */
  readonly emailDomains: readonly string[];
}

const DEFAULT_TIMEOUT_SECONDS = 15;

export const notifyDefaults: NotifyConfig = {
  enabled: true,
  defaults: new Map(),
  secrets: new Map(),
  admission: admissionOf("", WEBHOOKS),
  timeoutMs: DEFAULT_TIMEOUT_SECONDS * 1000,
  smtp: undefined,
  emailDomains: [],
};

/** Secrets themselves, or the file that has them. */
const secrets = makeValidator<WebhookSecrets>((text) => {
  try {
    return parseWebhookSecrets(isAbsolute(text) ? readFileSync(text, "utf8") : text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new EnvError(
      code ? `the file can't be read (${code})` : error instanceof Error ? error.message : "not valid",
    );
  }
});

const notify = makeValidator<ReadonlyMap<string, readonly Notify[]>>((text) => {
  const isInline = /^\s*[[{]/.test(text);
  let content = text;
  try {
    if (!isInline && text !== "") content = readFileSync(text, "utf8");
  } catch (error) {
    throw new EnvError(`the file can't be read (${(error as NodeJS.ErrnoException).code})`);
  }
  const { notify: lists, problems } = parseNotify(isInline ? "the value" : text, content);
  const [first] = problems;
  if (first) throw new EnvError([first.what, first.remedy].filter(Boolean).join(" "));
  for (const list of lists.values()) assertValid(list);
  return lists;
});

function assertValid(list: readonly Notify[]): void {
  const validator = createValidator();
  for (const [i, one] of list.entries()) {
    const { violations = [] } = validator.validate(NotifySchema, one);
    const [violation] = violations;
    if (!violation) continue;
    const { reason, remedy } = wordingOf(pathToString(violation.field), violation.ruleId, violation.message);
    throw new EnvError(`entry ${i + 1}: ${reason} ${remedy}`.trim());
  }
  normalizeNotify(list);
  const [mistake] = checkNotify(list);
  if (mistake) throw new EnvError(`${mistake.reason} ${mistake.remedy}`);
}

const variables = {
  POLYREEL_NOTIFICATIONS: str({ choices: ["on", "off"], default: "on", desc: "whether notifications are sent" }),
  POLYREEL_NOTIFY: notify({ default: new Map(), desc: "receivers of batches that name none, or a file with them" }),
  POLYREEL_WEBHOOK_SECRETS: secrets({
    default: new Map(),
    desc: "secrets that sign webhooks, by name, or a file with them",
  }),
  POLYREEL_NOTIFY_ALLOW: str({ default: "", desc: "inner networks and hosts that webhooks may be sent to" }),
  POLYREEL_NOTIFY_TIMEOUT_SECONDS: amount({
    default: DEFAULT_TIMEOUT_SECONDS,
    desc: "seconds that one attempt to send a notification may take",
  }),
  POLYREEL_EMAIL_DOMAINS: str({ default: "", desc: "domains that e-mails may be sent to, separated by commas" }),
  SMTP_URL: str({ default: "", desc: "mail server, like smtps://user:password@mail.example" }),
  SMTP_HOST: str({ default: "", desc: "mail server, instead of SMTP_URL" }),
  SMTP_PORT: str({ default: "", desc: "its port" }),
  SMTP_USER: str({ default: "", desc: "user at the mail server" }),
  SMTP_PASSWORD: str({ default: "", desc: "that user's password" }),
  SMTP_FROM: str({ default: "", desc: "address that e-mails are sent from" }),
  SMTP_TLS: str({
    choices: ["", "direct", "starttls", "offered", "none"],
    default: "",
    desc: "TLS to the mail server: direct, starttls, offered or none",
  }),
};

/** Converts the variables of notifications. Throws PolyreelError `invalid`; its message contains no secret. */
export function readNotifyConfig(env: NodeJS.ProcessEnv): NotifyConfig {
  const values = readEnvironment(variables, env);
  const smtp = parseSmtp({
    url: values.SMTP_URL,
    host: values.SMTP_HOST,
    port: values.SMTP_PORT,
    user: values.SMTP_USER,
    password: values.SMTP_PASSWORD,
    from: values.SMTP_FROM,
    tls: values.SMTP_TLS,
  });
  const domains = values.POLYREEL_EMAIL_DOMAINS.toLowerCase()
    .split(",")
    .flatMap((one) => one.trim().replace(/^@/, "") || []);
  const own = smtp ? [smtp.from.slice(smtp.from.lastIndexOf("@") + 1).toLowerCase()] : [];
  const config: NotifyConfig = {
    enabled: values.POLYREEL_NOTIFICATIONS === "on",
    defaults: values.POLYREEL_NOTIFY,
    secrets: values.POLYREEL_WEBHOOK_SECRETS,
    admission: admissionOf(values.POLYREEL_NOTIFY_ALLOW, WEBHOOKS),
    timeoutMs: values.POLYREEL_NOTIFY_TIMEOUT_SECONDS * 1000,
    smtp,
    emailDomains: domains.length > 0 ? domains : own,
  };
  for (const list of config.defaults.values()) {
    if (list.some(({ channel }) => channel.case === "email") && !smtp) {
      throw new PolyreelError("invalid", {
        reason: "POLYREEL_NOTIFY has e-mails, and no mail server is configured.",
        remedy: "Set SMTP_URL and SMTP_FROM, or leave the e-mails out.",
      });
    }
  }
  return config;
}

/** The default receivers of a tenant's batches. */
export const defaultsOf = ({ defaults }: Pick<NotifyConfig, "defaults">, tenant: string): readonly Notify[] =>
  defaults.get(tenant) ?? defaults.get(EVERY_TENANT) ?? [];
