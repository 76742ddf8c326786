import type { Secrets } from "@polyreel/pipeline/settings";
import { PolyreelError } from "@polyreel/platform";
import { isSigningKey, type WebhookSecret } from "./webhook-secrets.js";

/**
 * The keys "whsec_..." that sign. A secret of the store may have several, a line each, while its receivers change theirs.
 * `of`: as of `Secrets.read`, which says what it throws.
 */
export async function signingKeys(named: readonly WebhookSecret[], of: string, secrets: Secrets): Promise<string[]> {
  const keys = await Promise.all(
    named.map(async (one) => {
      if (typeof one === "string") return one;
      const found = (await secrets.read(one, of)).value.split(/\s+/).filter((line) => line !== "");
      if (found.length > 0 && found.every(isSigningKey)) return found;
      throw new PolyreelError("precondition", {
        reason: `The credentials of ${of} can't be used: its secret has another form than whsec_...`,
        remedy: "Set it to what `polyreel webhooks secret` prints.",
      });
    }),
  );
  return keys.flat();
}
