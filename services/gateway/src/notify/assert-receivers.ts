import type { Notify } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { checkedAddress } from "@polyreel/platform/web";
import { quote } from "@polyreel/spec";
import type { NotifyConfig } from "./config.js";
import { secretsOf } from "./webhook/webhook-secrets.js";

/**
 * Throws PolyreelError `invalid` for receivers that this server would never notify: with an unknown secret, an address
 * that is not allowed (as far as it can be told without looking the name up), or e-mails that it does not send.
 */
export function assertReceivers(
  notify: readonly Notify[],
  tenant: string,
  config: NotifyConfig,
  field = "notify",
): void {
  if (!config.enabled) return;
  for (const [i, one] of notify.entries()) assertReceiver(one, tenant, config, field === "" ? "" : `${field}[${i}].`);
}

function assertReceiver({ channel }: Notify, tenant: string, config: NotifyConfig, at: string): void {
  if (channel.case === "webhook") {
    const { url, secret } = channel.value;
    if (!secretsOf(config.secrets, tenant, secret)) throw noSecret(secret, `${at}webhook.secret`);
    inField(`${at}webhook.url`, () => checkedAddress(url, config.admission));
  } else if (channel.case === "email") {
    if (!config.smtp) throw new PolyreelError("invalid", { field: `${at}email`, ...NO_MAIL });
    const allowed = new Set(config.emailDomains);
    for (const [n, address] of channel.value.to.entries()) {
      const domain = address.slice(address.lastIndexOf("@") + 1).toLowerCase();
      if (!allowed.has("*") && !allowed.has(domain)) throw foreignDomain(domain, `${at}email.to[${n}]`);
    }
  }
}

function inField(field: string, check: () => unknown): void {
  try {
    check();
  } catch (error) {
    throw error instanceof PolyreelError ? error.at({ field }) : error;
  }
}

const noSecret = (name: string, field: string): PolyreelError =>
  new PolyreelError("invalid", {
    field,
    reason: `The server has no secret ${quote(name)} to sign webhooks with.`,
    remedy: `Have ${name}=whsec_... added to its POLYREEL_WEBHOOK_SECRETS; \`polyreel webhooks secret\` prints a new one.`,
  });

const NO_MAIL = {
  reason: "The server sends no e-mails: no mail server is configured.",
  remedy: "Have SMTP_URL and SMTP_FROM set, or use a webhook.",
};

const foreignDomain = (domain: string, field: string): PolyreelError =>
  new PolyreelError("invalid", {
    field,
    reason: `The server sends no e-mails to ${domain}.`,
    remedy: "Use an address of an allowed domain, or have it added to POLYREEL_EMAIL_DOMAINS.",
  });
