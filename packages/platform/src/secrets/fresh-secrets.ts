import type { KeptSecrets, SecretValue } from "./kept-secrets.js";
import { type SecretName, secretTitle } from "./secret-name.js";

/** A changed secret takes effect within this time. Values are in memory no longer. */
const FRESH_MS = 10_000;

/** Reads secrets for frequent users: from the store at most every ten seconds. */
export class FreshSecrets {
  readonly #recent = new Map<string, Promise<SecretValue | undefined>>();

  constructor(
    private readonly kept: Pick<KeptSecrets, "read">,
    private readonly freshMs = FRESH_MS,
  ) {}

  /** As `KeptSecrets.read`. Failures and missing ones are not remembered. */
  async read(secret: SecretName): Promise<SecretValue | undefined> {
    const title = secretTitle(secret);
    const known = this.#recent.get(title);
    if (known) return known;
    const reading = this.kept.read(secret);
    this.#recent.set(title, reading);
    const forget = () => {
      if (this.#recent.get(title) === reading) this.#recent.delete(title);
    };
    const found = await reading.catch((error: unknown) => {
      forget();
      throw error;
    });
    if (found) setTimeout(forget, this.freshMs).unref();
    else forget();
    return found;
  }
}
