import type { SecretName } from "@polyreel/platform/secrets";

/** Where the keys of an entry are: in a file, or a secret of the store. */
export type Credentials = { readonly file: string } | { readonly secret: SecretName };

/** How a secret is named where a file could be. */
export const SECRET_PREFIX = "secret:";
