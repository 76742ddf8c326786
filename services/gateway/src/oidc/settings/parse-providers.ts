import { createSecretKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Fields, parseEntries, type SettingsReading } from "@polyreel/pipeline/settings";
import { systemCode } from "@polyreel/platform/files";
import { type Admission, admissionOf, PROVIDERS } from "@polyreel/platform/web";
import { isLoopback } from "../../server/allowed-hosts.js";
import { roleRule, tenantRule } from "./parse-rule.js";
import { ALGORITHMS, type Algorithm, type ProviderSettings } from "./provider-settings.js";

const TERMS = { plural: "OpenID providers", singular: "provider", variable: "POLYREEL_OIDC", reader: "gateway" };

const FIELDS = [
  ...["issuer", "label", "clientId", "clientSecretFile", "clientSecretVariable", "commandLineClientId"],
  ...["audiences", "bearerTokens", "clients", "algorithms", "scopes", "parameters"],
  ...["tenant", "role", "emailDomains", "clockToleranceSeconds", "returnsAfterSignOut", "allow"],
];
const DEFAULT_ALGORITHMS = ["RS256", "ES256", "EdDSA", "Ed25519"] as const;
const DEFAULT_SCOPES = ["openid", "profile", "email"];
const DEFAULT_TOLERANCE_SECONDS = 30;
const MAX_TOLERANCE_SECONDS = 300;

const VISIBLE = /^[\x21-\x7e]{1,300}$/;
const LABEL = /^[^\p{C}]{1,60}$/u;
const DOMAIN = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/;
/** Those of the protocol itself are not the operator's to set. */
const OWN_PARAMETERS = new Set([
  ...["client_id", "client_secret", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce"],
  ...["code_challenge", "code_challenge_method", "code", "grant_type", "code_verifier", "request", "request_uri"],
]);

/**
 * Parses a file of providers, by their names. Paths in it are relative to its folder. Throws PolyreelError `invalid` that names
 * every wrong field by line, and quotes no values.
 */
export function parseProviders(file: string, text: string, env: NodeJS.ProcessEnv): ProviderSettings[] {
  const issuers = new Set<string>();
  const providers = parseEntries(file, text, TERMS, (name, given, reading) => {
    const entry = reading.fields(given, name);
    reading.known(entry, name, FIELDS);
    const settings = new ProviderReading(name, entry, reading, { home: dirname(file), env }).settings();
    if (issuers.has(settings.issuer)) {
      // A token's issuer alone determines whose rules apply.
      reading.refuse(`${name}.issuer`, "Another provider has the same issuer.", "Make one entry of both.");
    }
    if (settings.issuer !== "") issuers.add(settings.issuer);
    return settings;
  });
  return [...providers.values()];
}

interface Surroundings {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Reads one entry. */
class ProviderReading {
  constructor(
    private readonly name: string,
    private readonly entry: Fields,
    private readonly reading: SettingsReading,
    private readonly around: Surroundings,
  ) {}

  settings(): ProviderSettings {
    const { name, entry, reading } = this;
    const clientSecret = this.#secret();
    const clientId = this.#text("clientId", VISIBLE, "Write the client's id, as the provider shows it.");
    const bearerTokens = this.#bearerTokens();
    // A client with a secret is not one for machines of people.
    const commandLineClientId = this.#text("commandLineClientId", VISIBLE, "Write a client's id.", "");
    const ownClient = commandLineClientId || (clientSecret ? "" : clientId);
    const issuer = this.#issuer();
    return {
      ...{ name, issuer, clientId, clientSecret, bearerTokens },
      label: this.#text("label", LABEL, "Write a short text.", name),
      commandLineClientId: ownClient,
      audiences: this.#audiences(bearerTokens, [clientId, ownClient]),
      clients: this.#optionalTexts("clients", VISIBLE, "Write ids of clients."),
      algorithms: this.#algorithms(),
      scopes: this.#optionalTexts("scopes", VISIBLE, "Write scopes.") ?? DEFAULT_SCOPES,
      parameters: this.#parameters(),
      // Wrong ones are problems, so that these values are not used.
      tenant: tenantRule(entry.tenant, `${name}.tenant`, reading) ?? { fixed: "" },
      role: roleRule(entry.role, `${name}.role`, reading) ?? { claim: "", values: new Map() },
      emailDomains: this.#optionalTexts("emailDomains", DOMAIN, "Write domains in lower case: example.com.") ?? [],
      clockToleranceSeconds: this.#tolerance(),
      returnsAfterSignOut: this.#flag("returnsAfterSignOut"),
      admission: this.#admission(issuer),
    };
  }

  #text(field: string, pattern: RegExp, remedy: string, otherwise?: string): string {
    const value = this.entry[field];
    if (value === undefined && otherwise !== undefined) return otherwise;
    return this.reading.text(value, `${this.name}.${field}`, pattern, remedy) ?? "";
  }

  #flag(field: string): boolean {
    const value = this.entry[field] ?? false;
    if (typeof value === "boolean") return value;
    this.reading.refuse(`${this.name}.${field}`, "It is neither true nor false.", "Write true, or leave it out.");
    return false;
  }

  #optionalTexts(field: string, pattern: RegExp, remedy: string): string[] | undefined {
    const value = this.entry[field];
    if (value === undefined) return undefined;
    return this.reading.texts(value, `${this.name}.${field}`, (text) => pattern.test(text), remedy);
  }

  /** Over TLS, except from this machine. */
  #issuer(): string {
    const { entry, reading, name } = this;
    const remedy = "Write it as its discovery document has it, as in https://login.example.com/realms/staff.";
    const issuer = reading.text(entry.issuer, `${name}.issuer`, /^https?:\/\/[^\s?#@]{1,300}$/, remedy);
    if (issuer === undefined) return "";
    const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
    if (url?.protocol === "https:" || (url && isLoopback(url.hostname))) return issuer;
    reading.refuse(`${name}.issuer`, "It is not an address of https.", remedy);
    return "";
  }

  #secret(): KeyObject | undefined {
    const { clientSecretFile: file, clientSecretVariable: variable } = this.entry;
    if (file === undefined && variable === undefined) return undefined;
    const field = file === undefined ? "clientSecretVariable" : "clientSecretFile";
    const refuse = (what: string, remedy: string) => this.reading.refuse(`${this.name}.${field}`, what, remedy);
    if (file !== undefined && variable !== undefined) {
      refuse("The secret is given twice.", "Leave clientSecretFile or clientSecretVariable out.");
    }
    const text = this.#text(field, VISIBLE, "Name where the secret is.");
    try {
      const found = file === undefined ? this.around.env[text] : readFileSync(resolve(this.around.home, text), "utf8");
      const secret = found?.trim() ?? "";
      if (secret !== "") return createSecretKey(Buffer.from(secret));
      if (text !== "") refuse("There is no secret.", "Write it there, or leave this out for a public client.");
    } catch (error) {
      refuse(`The file can't be read (${systemCode(error) ?? "unknown error"}).`, "Let the gateway's user read it.");
    }
    return undefined;
  }

  #bearerTokens(): "access" | "id" {
    const value = this.entry.bearerTokens;
    if (value === undefined) return "access";
    return this.reading.oneOf(value, `${this.name}.bearerTokens`, ["access", "id"] as const) ?? "access";
  }

  /** ID tokens are for their clients. The audience of access tokens is for the operator to name. */
  #audiences(kind: "access" | "id", clients: readonly string[]): string[] {
    const given = this.#optionalTexts("audiences", VISIBLE, "Write audiences.");
    return given ?? (kind === "id" ? [...new Set(clients.filter((one) => one !== ""))] : []);
  }

  #algorithms(): readonly Algorithm[] {
    const { entry, reading, name } = this;
    if (entry.algorithms === undefined) return DEFAULT_ALGORITHMS;
    const remedy = `Write some of ${ALGORITHMS.join(", ")}. Others are not signatures of the provider alone.`;
    const path = `${name}.algorithms`;
    const isKnown = (text: string): text is Algorithm => ALGORITHMS.some((one) => one === text);
    const found = reading.texts(entry.algorithms, path, isKnown, remedy).filter(isKnown);
    if (Array.isArray(entry.algorithms) && entry.algorithms.length === 0) reading.refuse(path, "It is empty.", remedy);
    return found;
  }

  #parameters(): Record<string, string> {
    const { entry, reading, name } = this;
    if (entry.parameters === undefined) return {};
    const path = `${name}.parameters`;
    const found: Record<string, string> = {};
    for (const [key, value] of Object.entries(reading.fields(entry.parameters, path))) {
      if (OWN_PARAMETERS.has(key)) reading.refuse(`${path}.${key}`, "The sign-in sets it itself.", "Leave it out.");
      found[key] = reading.text(value, `${path}.${key}`, /^[^\p{C}]{1,500}$/u, "Write a text.") ?? "";
    }
    return found;
  }

  #tolerance(): number {
    const value = this.entry.clockToleranceSeconds ?? DEFAULT_TOLERANCE_SECONDS;
    if (typeof value === "number" && value >= 0 && value <= MAX_TOLERANCE_SECONDS) return value;
    const remedy = `Write a number of seconds from 0 to ${MAX_TOLERANCE_SECONDS}.`;
    this.reading.refuse(`${this.name}.clockToleranceSeconds`, "It can't be that.", remedy);
    return 0;
  }

  #admission(issuer: string): Admission {
    const listed = this.#optionalTexts("allow", VISIBLE, "Write networks, addresses or hosts.") ?? [];
    const host = issuer === "" ? [] : [new URL(issuer).hostname.replace(/^\[(.*)\]$/, "$1")];
    try {
      return admissionOf([...host, ...listed].join(","), PROVIDERS);
    } catch {
      const remedy = 'Write entries such as "10.1.0.0/16", "fd00::/8" or "login.example".';
      this.reading.refuse(`${this.name}.allow`, "It has something else.", remedy);
      return admissionOf("", PROVIDERS);
    }
  }
}
