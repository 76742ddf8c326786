import { PolyreelError } from "@polyreel/platform";
import type { Store } from "@polyreel/platform/blobs";
import type { Log } from "@polyreel/platform/runtime";
import {
  FreshSecrets,
  KeptSecrets,
  openMasterKeys,
  type SecretName,
  type SecretsConfig,
  type SecretValue,
  secretTitle,
} from "@polyreel/platform/secrets";
import { nearest, quote } from "@polyreel/spec";

/** Secrets for those who use them. */
export interface Secrets {
  /**
   * A secret as it is now, at most ten seconds old. Throws PolyreelError `precondition` if it is missing or cannot be opened.
   * `of`: what needs it, for the error: `the destination "ads"`.
   */
  read(secret: SecretName, of: string): Promise<SecretValue>;
}

/** The secrets of a service's store. Throws PolyreelError `precondition` for a file of master keys that is not right. */
export async function openSecrets(
  config: SecretsConfig,
  { store, log }: { readonly store: Store; readonly log: Log },
): Promise<Secrets> {
  return secretsIn(new KeptSecrets(store, await openMasterKeys(config, log)));
}

export function secretsIn(kept: Pick<KeptSecrets, "read" | "names">): Secrets {
  const fresh = new FreshSecrets(kept);
  return {
    async read(secret, of) {
      const found = await fresh.read(secret).catch((error: unknown) => {
        throw error instanceof PolyreelError && error.code === "precondition" ? unusable(of, error) : error;
      });
      return found ?? Promise.reject(missing(secret, of, await kept.names(secret.tenant)));
    },
  };
}

/** For commands that work without a server. */
export const NO_SECRETS: Secrets = {
  read: async (secret, of) => {
    throw new PolyreelError("precondition", {
      reason: `The key of ${of} is the secret ${quote(secretTitle(secret))}, which only services read.`,
      remedy: "Ask a server: give its address with --server.",
    });
  },
};

function unusable(of: string, { failure, cause }: PolyreelError): PolyreelError {
  const { reason, remedy } = failure;
  return new PolyreelError(
    "precondition",
    { reason: `The credentials of ${of} can't be used: ${uncapitalized(reason)}`, remedy },
    { cause },
  );
}

const uncapitalized = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

function missing({ tenant, name }: SecretName, of: string, names: readonly string[]): PolyreelError {
  const near = nearest(name, names);
  const suggestion = near ? `Did you mean ${quote(secretTitle({ tenant, name: near }))}? ` : "";
  const set = `polyreel secrets set ${name}${tenant === "" ? "" : ` --tenant ${tenant}`}`;
  return new PolyreelError("precondition", {
    reason: `The credentials of ${of} can't be used: there is no secret ${quote(secretTitle({ tenant, name }))}.`,
    remedy: `${suggestion}Set it: ${set}`,
  });
}
