import type { KeyObject } from "node:crypto";
import type { Admission } from "@polyreel/platform/web";
import type { GrantedRole, Rule } from "./claim-rule.js";

/** Signatures that providers' tokens may have: only of key pairs. Nothing that the provider's public key alone could make. */
export const ALGORITHMS = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** A provider of OpenID Connect as the operator configured it. */
export interface ProviderSettings {
  /** Its name here: in addresses, commands and ids of people. */
  readonly name: string;
  /** Its name for people. */
  readonly label: string;
  /** Exactly as its tokens have it. */
  readonly issuer: string;
  /** Client of the web page. */
  readonly clientId: string;
  /** Undefined for a public client. A KeyObject, which no log or printed configuration shows. */
  readonly clientSecret: KeyObject | undefined;
  /** Client of the command line, which keeps no secret; empty: it is not offered there. */
  readonly commandLineClientId: string;
  /** Of tokens that are accepted as bearer tokens; empty: none are. */
  readonly audiences: readonly string[];
  /** Which tokens those are: for gateways (access), or for clients (id), of providers whose access tokens are not JWTs. */
  readonly bearerTokens: "access" | "id";
  /** Clients whose tokens are accepted (`azp` or `client_id`); undefined: of all. */
  readonly clients: readonly string[] | undefined;
  readonly algorithms: readonly Algorithm[];
  readonly scopes: readonly string[];
  /** Further parameters of requests for authorization, such as `resource` or `audience`. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly tenant: Rule<string>;
  readonly role: Rule<GrantedRole>;
  /** Of verified email addresses that may sign in; empty: all, also without one. */
  readonly emailDomains: readonly string[];
  readonly clockToleranceSeconds: number;
  /** After a sign-out there the browser comes back here: the provider has to know the address. */
  readonly returnsAfterSignOut: boolean;
  /** Addresses that its documents may name: public ones, its issuer's, and those that the operator lists. */
  readonly admission: Admission;
}
