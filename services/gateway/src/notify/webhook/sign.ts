import { Webhook } from "standardwebhooks";

/**
 * The headers of Standard Webhooks: id, time of this attempt, and a signature by each of the secrets, so that receivers
 * can change theirs at any time while a secret is rotated.
 */
export function signatureHeaders(
  id: string,
  at: Date,
  body: string,
  secrets: readonly string[],
): Record<"webhook-id" | "webhook-timestamp" | "webhook-signature", string> {
  return {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(" "),
  };
}
