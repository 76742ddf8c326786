import type { Store } from "@polyreel/platform/blobs";
import type { Log } from "@polyreel/platform/runtime";
import { Provider } from "../oidc/provider/provider.js";
import { ProviderScheme } from "../oidc/provider-scheme.js";
import type { ProviderSettings } from "../oidc/settings/provider-settings.js";
import { Callers } from "./callers.js";
import { KeptKeys } from "./kept-keys.js";
import { KeyScheme } from "./key-scheme.js";
import { SetupToken } from "./setup-token.js";

/** Keys, and who calls by them. */
export interface Access {
  readonly keys: KeptKeys;
  readonly keyScheme: KeyScheme | undefined;
  /** Undefined: nobody is asked for a key. */
  readonly callers: Callers | undefined;
}

/** Prints the token for the first key if there is none yet. */
export async function openAccess(
  auth: "local" | "none" | "required",
  { store, log }: { store: Store; log: Log },
  oidc: readonly ProviderSettings[],
): Promise<Access> {
  const keys = new KeptKeys(store);
  if (auth !== "required" && oidc.length > 0) log.warn("POLYREEL_OIDC has no effect without POLYREEL_AUTH=required");
  if (auth !== "required") return { keys, keyScheme: undefined, callers: undefined };
  const providers = oidc.map((settings) => new Provider(settings));
  const setup = await SetupToken.open(keys);
  // Not to the log, which others may read.
  if (setup.text !== undefined) process.stderr.write(invitation(setup.text));
  const keyScheme = new KeyScheme({ keys, setup, log });
  return { keys, keyScheme, callers: new Callers([keyScheme, new ProviderScheme(providers)]) };
}

const invitation = (token: string): string =>
  `There are no keys yet. Make the first one with this token, which then ends:
  POLYREEL_KEY=${token} npx polyreel keys create admin --role operator
`;
