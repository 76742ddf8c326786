import type { Store } from "@polyreel/platform/blobs";
import type { Log } from "@polyreel/platform/runtime";
import { Provider } from "../oidc/provider/provider.js";
import { ProviderScheme } from "../oidc/provider-scheme.js";
import type { ProviderSettings } from "../oidc/settings/provider-settings.js";
import { openPeople, type People } from "../people/open-people.js";
import { Callers } from "./callers.js";
import { KeptKeys } from "./kept-keys.js";
import { KeyScheme } from "./key-scheme.js";
import { SetupToken } from "./setup-token.js";

/** Keys and people, and who calls by them. */
export interface Access {
  readonly keys: KeptKeys;
  readonly keyScheme: KeyScheme | undefined;
  /** Undefined: nobody is asked for a key. */
  readonly callers: Callers | undefined;
  readonly people: People;
  /** OpenID providers by which people and programs may call. */
  readonly providers: readonly Provider[];
}

/** Prints the token for the first key or user if there is none yet. */
export async function openAccess(
  auth: "local" | "none" | "required",
  { store, log }: { store: Store; log: Log },
  oidc: readonly ProviderSettings[],
): Promise<Access> {
  const keys = new KeptKeys(store);
  const people = openPeople(
    store,
    oidc.map(({ issuer }) => issuer),
  );
  if (auth !== "required" && oidc.length > 0) log.warn("POLYREEL_OIDC has no effect without POLYREEL_AUTH=required");
  if (auth !== "required") return { keys, keyScheme: undefined, callers: undefined, people, providers: [] };
  const setup = await SetupToken.open(async () => !(await keys.isEmpty()) || (await people.users.hasOperator()));
  // Not to the log, which others may read.
  if (setup.text !== undefined) process.stderr.write(invitation(setup.text));
  const keyScheme = new KeyScheme({ keys, setup, log });
  const providers = oidc.map((settings) => new Provider(settings));
  const callers = new Callers([keyScheme, people.scheme, new ProviderScheme(providers)], people.scheme);
  return { keys, keyScheme, callers, people, providers };
}

const invitation = (token: string): string =>
  `There are no keys and no operators yet. Make the first one with this token, which then ends:
  POLYREEL_KEY=${token} npx polyreel keys create admin --role operator
Or let yourself sign in by email address and password:
  POLYREEL_KEY=${token} npx polyreel users create <your email address> --role operator
`;
