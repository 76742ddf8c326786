import type { Notify } from "@polyreel/contract";
import type { Secrets } from "@polyreel/pipeline/settings";
import { PolyreelError } from "@polyreel/platform";
import { type Resolve, systemResolve } from "@polyreel/platform/web";
import type { NotifyConfig } from "../config.js";
import { composeEmail } from "../email/compose-email.js";
import type { NewNotification } from "../notification.js";
import { type Outcome, refused } from "../outcome.js";
import { postWebhook } from "../webhook/post-webhook.js";
import { signatureHeaders } from "../webhook/sign.js";
import { signingKeys } from "../webhook/signing-keys.js";
import { secretsOf } from "../webhook/webhook-secrets.js";

/** Makes the link to the outputs of a batch in e-mails. */
export type LinkOf = (batch: { readonly batchId: string; readonly tenant: string }) => string;

export interface DeliverDeps {
  readonly config: NotifyConfig;
  readonly secrets: Secrets;
  readonly resolve?: Resolve;
  /** Undefined: clients reach the gateway at no known address. */
  readonly linkOf?: LinkOf | undefined;
}

export type Sendable = Pick<NewNotification, "id" | "batchId" | "tenant" | "type" | "body">;

/** One attempt to send an event to a receiver. Throws only if the signal aborts. */
export async function deliver(
  event: Sendable,
  { channel }: Notify,
  { config, secrets, resolve = systemResolve, linkOf }: DeliverDeps,
  { now, signal }: { now: Date; signal: AbortSignal },
): Promise<Outcome> {
  const { timeoutMs } = config;
  if (channel.case === "webhook") {
    const { url, secret } = channel.value;
    const named = secretsOf(config.secrets, event.tenant, secret);
    if (!named) return refused(`The server has no secret "${secret}" any more.`);
    const keys = await signingKeys(named, `the webhook secret "${secret}"`, secrets).catch(unusable);
    if (!Array.isArray(keys)) return keys;
    const headers = signatureHeaders(event.id, now, event.body, keys);
    return await postWebhook(
      { url, body: event.body, headers },
      { admission: config.admission, resolve, timeoutMs, signal },
    );
  }
  if (channel.case === "email") {
    if (!config.smtp) return refused("The server has no mail server any more.");
    const email = composeEmail(event, config.smtp.from, linkOf?.(event));
    // Loaded with the first e-mail: most gateways send none.
    const { sendEmail } = await import("../email/send-email.js");
    return await sendEmail(email, channel.value.to, config.smtp, { timeoutMs, signal });
  }
  return refused("The receiver has no channel.", { final: true });
}

/** The outcome if a secret of the store is missing or cannot be opened. Throws what is an outage of the store. */
function unusable(error: unknown): Outcome {
  if (error instanceof PolyreelError && error.code === "precondition") return refused(error.failure.reason);
  throw error;
}
