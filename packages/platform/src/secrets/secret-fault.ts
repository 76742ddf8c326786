import { PolyreelError } from "../errors.js";
import { SealBroken } from "./sealed-secret.js";
import { type SecretName, secretTitle } from "./secret-name.js";

/** The error for a secret that does not open: PolyreelError `precondition`, without a word of it. */
export function secretFault(secret: SecretName, error: unknown): unknown {
  if (!(error instanceof SealBroken)) return error;
  const title = JSON.stringify(secretTitle(secret));
  const keyId = JSON.stringify(error.keyId);
  if (error.why === "missing-key") {
    return new PolyreelError("precondition", {
      reason: `The secret ${title} needs the master key ${keyId}, which this service does not have.`,
      remedy: "Add that key to POLYREEL_SECRET_KEYS, or its file, of every service; or set the secret again.",
    });
  }
  const what =
    error.why === "moved"
      ? "was encrypted for another name, tenant or version, and moved in the store"
      : `is damaged, or this service's master key ${keyId} is not the one that encrypted it`;
  return new PolyreelError("precondition", {
    reason: `The secret ${title} ${what}.`,
    remedy: "Set it again: polyreel secrets set.",
  });
}
