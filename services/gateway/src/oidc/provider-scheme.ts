import { decodeJwt } from "jose";
import { LRUCache } from "lru-cache";
import type { Scheme } from "../access/scheme.js";
import type { Principal, SignedInUser } from "../call/call.js";
import { tokenKey } from "../people/secret.js";
import type { Provider } from "./provider/provider.js";
import { userOfToken } from "./tokens/bearer-token.js";

/** Verified tokens are verified again after this time: a key that the provider withdrew ends its tokens. */
const KNOWN_FOR_MS = 60_000;
const MAX_KNOWN = 10_000;
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Callers with tokens of OpenID providers: programs, and people at the command line. */
export class ProviderScheme implements Scheme {
  /** By the token's hash: no dump of the memory has tokens for longer than their requests. */
  readonly #known: LRUCache<string, SignedInUser>;
  readonly #byIssuer: ReadonlyMap<string, Provider>;

  constructor(
    providers: readonly Provider[],
    private readonly now: () => number = Date.now,
  ) {
    this.#known = new LRUCache({ max: MAX_KNOWN, ttl: KNOWN_FOR_MS, ttlResolution: 0, perf: { now } });
    const accepting = providers.filter(({ settings }) => settings.audiences.length > 0);
    this.#byIssuer = new Map(accepting.map((provider) => [provider.settings.issuer, provider]));
  }

  async identify(token: string): Promise<Principal | undefined> {
    if (!JWT.test(token)) return undefined;
    const known = this.recall(token);
    if (known) return known;
    const provider = this.#byIssuer.get(issuerOf(token));
    if (!provider) return undefined;
    const user = await userOfToken(token, provider, new Date(this.now()));
    this.#known.set(tokenKey(token), user);
    return { kind: "user", user };
  }

  recall(token: string): Principal | undefined {
    if (!JWT.test(token)) return undefined;
    const user = this.#known.get(tokenKey(token));
    return user && this.#holds(user) ? { kind: "user", user } : undefined;
  }

  /** Providers do not say that a token ended early. */
  async stillHolds(principal: Principal): Promise<boolean> {
    return principal.kind !== "user" || principal.user.session !== "" || this.#holds(principal.user);
  }

  #holds = ({ expiresAtMs }: SignedInUser): boolean => this.now() < expiresAtMs;
}

/** Whose token it says it is, not verified: it only chooses who verifies it. */
function issuerOf(token: string): string {
  try {
    return decodeJwt(token).iss ?? "";
  } catch {
    return "";
  }
}
