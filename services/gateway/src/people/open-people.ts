import type { Store } from "@polyreel/platform/blobs";
import { AccessTokens } from "./access-tokens.js";
import { Attempts } from "./attempts.js";
import { KeptSessions } from "./kept-sessions.js";
import { KeptUsers } from "./kept-users.js";
import { Passwords } from "./passwords.js";
import { SessionScheme } from "./session-scheme.js";
import { SigningKeys } from "./signing-keys.js";

/** People who sign in, and their sessions. */
export interface People {
  readonly users: KeptUsers;
  readonly sessions: KeptSessions;
  readonly tokens: AccessTokens;
  readonly signingKeys: SigningKeys;
  readonly scheme: SessionScheme;
  readonly passwords: Passwords;
  readonly attempts: Attempts;
}

/** `issuers`: of the providers whose people may call. */
export function openPeople(store: Store, issuers: readonly string[] = []): People {
  const users = new KeptUsers(store);
  const sessions = new KeptSessions(store);
  const signingKeys = new SigningKeys(store);
  const tokens = new AccessTokens(signingKeys);
  const scheme = new SessionScheme({ users, sessions, tokens, issuers: new Set(issuers) });
  return { users, sessions, tokens, signingKeys, scheme, passwords: new Passwords(), attempts: new Attempts() };
}
