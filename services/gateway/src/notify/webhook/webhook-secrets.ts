import { SECRET_PREFIX } from "@polyreel/pipeline/settings";
import { parseSecretName, type SecretName } from "@polyreel/platform/secrets";

/** A key "whsec_...", or the secret of the store that has it. */
export type WebhookSecret = string | SecretName;

/** Secrets by name, `<tenant>/<name>` for those of one tenant; several while one is rotated. */
export type WebhookSecrets = ReadonlyMap<string, readonly WebhookSecret[]>;

const PREFIX = "whsec_";
/** Limits of Standard Webhooks, in bytes. */
const [LEAST, MOST] = [24, 64];
const NAME = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\/)?[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?$/;

/**
 * Parses "default=whsec_...,crm=whsec_...,acme/crm=secret:acme/crm" (commas or line ends). Throws an Error that names the entry by
 * its position and quotes no secret.
 */
export function parseWebhookSecrets(text: string): WebhookSecrets {
  const secrets = new Map<string, WebhookSecret[]>();
  const entries = text.split(/[,\n]/).flatMap((one) => one.trim() || []);
  for (const [i, entry] of entries.entries()) {
    const at = entry.indexOf("=");
    const [name, secret] = [entry.slice(0, Math.max(0, at)).trim(), entry.slice(at + 1).trim()];
    if (!NAME.test(name)) {
      throw new Error(
        `entry ${i + 1} has no name; write it as in default=whsec_..., or acme/default=whsec_... for a tenant`,
      );
    }
    secrets.set(name, [...(secrets.get(name) ?? []), secretIn(secret, name, `the secret of ${name} (entry ${i + 1})`)]);
  }
  return secrets;
}

/** A tenant sets its secrets itself, so only its own events are signed by them. */
function secretIn(text: string, name: string, title: string): WebhookSecret {
  if (!text.startsWith(SECRET_PREFIX)) {
    if (isSigningKey(text)) return text;
    throw new Error(`${title} is not ${PREFIX} and 24 to 64 bytes in base64, or secret:NAME`);
  }
  const secret = parseSecretName(text.slice(SECRET_PREFIX.length));
  if (!secret) throw new Error(`${title} names no secret; write secret:NAME, or secret:TENANT/NAME`);
  if (secret.tenant === "" || name.startsWith(`${secret.tenant}/`)) return secret;
  throw new Error(`${title} is a tenant's, and signs events of others; write TENANT/${name.split("/").at(-1)}=...`);
}

export function isSigningKey(text: string): boolean {
  if (!text.startsWith(PREFIX)) return false;
  const encoded = text.slice(PREFIX.length);
  const bytes = Buffer.from(encoded, "base64");
  return bytes.toString("base64") === encoded && bytes.length >= LEAST && bytes.length <= MOST;
}

/** The secrets that sign events of a tenant under this name: its own, or else those for all. */
export const secretsOf = (
  secrets: WebhookSecrets,
  tenant: string,
  name: string,
): readonly WebhookSecret[] | undefined => secrets.get(`${tenant}/${name}`) ?? secrets.get(name);
