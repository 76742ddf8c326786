import { PolyreelError } from "@polyreel/platform";
import { createLocalJWKSet, type JSONWebKeySet } from "jose";
import type { Configuration, ServerMetadata } from "openid-client";
import type { ProviderSettings } from "../settings/provider-settings.js";
import { type FetchInit, type ProviderFetch, providerFetch } from "./provider-fetch.js";
import { PublishedDocument } from "./published-document.js";

/** Finds the key of a token by its header. Throws jose's errors. */
export type Keys = ReturnType<typeof createLocalJWKSet>;

/**
 * A provider, and what it publishes about itself, which is fetched when it is first needed: it may be away when the gateway
 * starts. Throws PolyreelError `unavailable` while it does not answer, or answers with what cannot be right.
 */
export class Provider {
  readonly #fetch: ProviderFetch;
  readonly #metadata: PublishedDocument<ServerMetadata>;
  readonly #keys: PublishedDocument<Keys>;

  constructor(
    readonly settings: ProviderSettings,
    now?: () => number,
  ) {
    this.#fetch = providerFetch(settings.admission);
    this.#metadata = new PublishedDocument(() => this.#discover(), now);
    this.#keys = new PublishedDocument(() => this.#fetchKeys(), now);
  }

  /** Its keys. */
  keys = (): Promise<Keys> => this.#keys.current();

  /** Its keys, for a token by a key that is not among them: they may have been rotated. */
  newerKeys = (): Promise<Keys> => this.#keys.newer();

  /** For requests by the client of the page. */
  async client(): Promise<Configuration> {
    const metadata = await this.#metadata.current();
    const oidc = await import("openid-client"); // Not loaded before somebody signs in.
    const { clientId, clientSecret, clockToleranceSeconds } = this.settings;
    const authentication = clientSecret ? oidc.ClientSecretBasic(clientSecret.export().toString()) : oidc.None();
    const client = { [oidc.clockTolerance]: clockToleranceSeconds };
    const configuration = new oidc.Configuration(metadata, clientId, client, authentication);
    configuration[oidc.customFetch] = (address, init) => this.#request(address, init);
    // Only an issuer of this machine has such addresses: the settings and `admission` refuse others.
    if (this.settings.issuer.startsWith("http:")) oidc.allowInsecureRequests(configuration);
    return configuration;
  }

  /** https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig */
  async #discover(): Promise<ServerMetadata> {
    const { issuer } = this.settings;
    const found = await this.#json(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
    if (found.issuer !== issuer) throw this.#away("its discovery document is of another issuer");
    if (typeof found.jwks_uri !== "string") throw this.#away("its discovery document names no keys");
    return found as ServerMetadata;
  }

  async #fetchKeys(): Promise<Keys> {
    const { jwks_uri: address = "" } = await this.#metadata.current();
    const found = await this.#json(address);
    try {
      return createLocalJWKSet(found as unknown as JSONWebKeySet);
    } catch (cause) {
      throw this.#away("its keys are not a key set", cause);
    }
  }

  async #json(address: string): Promise<Record<string, unknown>> {
    const response = await this.#request(address, { headers: { accept: "application/json" } });
    if (response.status !== 200) throw this.#away(`it answers ${response.status}`);
    const found: unknown = await response.json().catch((cause: unknown) => {
      throw this.#away("its answer is not JSON", cause);
    });
    if (typeof found !== "object" || found === null) throw this.#away("its answer is not an object");
    return found as Record<string, unknown>;
  }

  async #request(address: string, init: FetchInit): Promise<Response> {
    try {
      return await this.#fetch(address, init);
    } catch (error) {
      throw this.#away(error instanceof PolyreelError ? error.message : "it does not answer", error);
    }
  }

  #away(why: string, cause?: unknown): PolyreelError {
    const reason = `Sign-ins by ${JSON.stringify(this.settings.label)} can't be checked at the moment: ${why}.`;
    const remedy = "Try again in a minute. If it stays so, an operator looks at the provider and at POLYREEL_OIDC.";
    return new PolyreelError("unavailable", { reason, remedy }, { cause });
  }
}
