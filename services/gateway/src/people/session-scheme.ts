import type { SessionRecord } from "@polyreel/contract";
import { type PageScheme, type Scheme, wrongToken } from "../access/scheme.js";
import type { Principal, SignedInUser } from "../call/call.js";
import type { AccessTokens } from "./access-tokens.js";
import type { KeptSessions } from "./kept-sessions.js";
import type { KeptUsers } from "./kept-users.js";
import { holder, holderOf } from "./people.js";

interface Deps {
  readonly users: KeptUsers;
  readonly sessions: KeptSessions;
  readonly tokens: AccessTokens;
  /** Issuers of the providers whose people may call. */
  readonly issuers: ReadonlySet<string>;
}

/**
 * People who signed in, by the access tokens of their sessions. A token only names its session: that, and what its user may do,
 * is looked up once in half a minute.
 */
export class SessionScheme implements Scheme, PageScheme {
  constructor(private readonly deps: Deps) {}

  async identify(token: string): Promise<Principal | undefined> {
    const { tokens } = this.deps;
    if (!tokens.isOurs(token)) return undefined;
    const claims = await tokens.verify(token);
    const user = claims && (await this.#holder(claims.sessionId));
    if (!claims || !user) throw wrongToken();
    return { kind: "user", user: { ...user, expiresAtMs: claims.expiresAtMs } };
  }

  recall(token: string): Principal | undefined {
    const { tokens, sessions, users } = this.deps;
    const claims = tokens.recalled(token);
    const record = claims && sessions.recalled(claims.sessionId);
    const user = record?.session && holder(record, users.recalled(record.session.userId));
    return claims && user && { kind: "user", user: { ...user, expiresAtMs: claims.expiresAtMs } };
  }

  async identifyPage(cookie: string): Promise<Principal | undefined> {
    const record = await this.deps.sessions.ofPage(cookie);
    const user = record && (await this.#holderOf(record));
    return user && { kind: "user", user };
  }

  /** A changed role ends what is open: it was permitted to the earlier one. */
  async stillHolds(principal: Principal): Promise<boolean> {
    if (principal.kind !== "user" || principal.user.session === "") return true;
    const { session, role, tenant, expiresAtMs } = principal.user;
    const user = expiresAtMs > Date.now() ? await this.#holder(session) : undefined;
    return user?.role === role && user.tenant === tenant;
  }

  async #holder(sessionId: string): Promise<SignedInUser | undefined> {
    const record = await this.deps.sessions.known(sessionId);
    return record && (await this.#holderOf(record));
  }

  /** Nobody vouches for people of a provider that was taken out of the configuration. */
  async #holderOf(record: SessionRecord): Promise<SignedInUser | undefined> {
    if (record.provider !== "" && !this.deps.issuers.has(record.provider)) return undefined;
    return await holderOf(record, this.deps.users);
  }
}
