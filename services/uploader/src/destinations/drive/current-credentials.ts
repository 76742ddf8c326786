import { PolyreelError, toPolyreelError } from "@polyreel/platform";
import type { OAuth2Client } from "google-auth-library";
import { type DriveCredentials, parseCredentials } from "./credentials.js";
import type { CredentialsSource } from "./credentials-source.js";
import { googleClient } from "./google-auth.js";
import { type DriveScope, GOOGLE_TOKEN_URL } from "./google-endpoints.js";

/** How long credentials count as unchanged. */
const CHECK_MS = 1_000;

interface Loaded {
  readonly version: string;
  readonly client: OAuth2Client;
}

interface Options {
  readonly scope: DriveScope;
  /** Origin of the API. */
  readonly endpoint: string;
}

/** The credentials of a destination. They are read again when they are replaced, as secrets of containers are. */
export class CurrentCredentials {
  #loaded: Loaded | undefined;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #loading: Promise<Loaded> | undefined;

  constructor(
    private readonly source: CredentialsSource,
    private readonly options: Options,
  ) {}

  /** The client for the credentials as they are now. Throws PolyreelError `unavailable` or `precondition`. */
  async client(): Promise<OAuth2Client> {
    if (this.#loaded && performance.now() - this.#checkedAt < CHECK_MS) return this.#loaded.client;
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    });
    return (await this.#loading).client;
  }

  /** Drops a client whose token was refused; returns whether its credentials were replaced since they were read. */
  async renew(refused: OAuth2Client): Promise<boolean> {
    const before = this.#loaded;
    if (before && before.client !== refused) return true;
    this.#loaded = undefined;
    await this.client();
    return this.#loaded !== undefined && (this.#loaded as Loaded).version !== before?.version;
  }

  async #load(): Promise<Loaded> {
    const version = await this.source.version().catch((error: unknown) => {
      throw outage(error);
    });
    if (this.#loaded?.version !== version) {
      const credentials = await this.#parsed();
      this.#loaded = { version, client: await googleClient(credentials, this.options.scope) };
    }
    this.#checkedAt = performance.now();
    return this.#loaded;
  }

  async #parsed(): Promise<DriveCredentials> {
    try {
      const credentials = parseCredentials(await this.source.text());
      if (!this.source.isOperators) assertTokenUrl(credentials, this.options.endpoint);
      return credentials;
    } catch (error) {
      throw outage(error, this.source.title);
    }
  }
}

/**
 * Throws PolyreelError `precondition` for a tenant's credentials that would send requests elsewhere: those could reach servers
 * of the inner network.
 */
function assertTokenUrl({ tokenUrl }: DriveCredentials, endpoint: string): void {
  const origin = URL.canParse(tokenUrl) ? new URL(tokenUrl).origin : "";
  if (tokenUrl === GOOGLE_TOKEN_URL || origin === new URL(endpoint).origin) return;
  throw new PolyreelError("precondition", {
    reason: "The credentials file cannot be used: its token_uri is not Google's.",
    remedy: `Leave it as Google wrote it: ${GOOGLE_TOKEN_URL}.`,
  });
}

/** Corrected credentials are noticed without a restart. */
function outage(error: unknown, title = ""): PolyreelError {
  const { failure, cause } = toPolyreelError(error);
  const reason = failure.reason.replace("The credentials file", title.replace(/^t/, "T"));
  return new PolyreelError("unavailable", { reason, remedy: failure.remedy }, { cause });
}
