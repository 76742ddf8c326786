import { setTimeout as sleep } from "node:timers/promises";
import { PolyreelError } from "@polyreel/platform";
import type { Attempts } from "./attempts.js";
import { normalizeEmail, userIdOf } from "./email.js";
import type { BegunSession, KeptSessions, Person } from "./kept-sessions.js";
import type { KeptUsers } from "./kept-users.js";
import type { Passwords } from "./passwords.js";
import { personOf } from "./people.js";

/** A refusal takes at least so long, so that the store's part of it tells nothing: a missing user is found out sooner. */
const REFUSED_AFTER_MS = 400;

export interface SignInDeps {
  readonly users: KeptUsers;
  readonly sessions: KeptSessions;
  readonly passwords: Passwords;
  readonly attempts: Attempts;
}

/** What a person states. */
export interface Credentials {
  readonly email: string;
  readonly password: string;
  /** Of the client. */
  readonly address: string;
}

/**
 * Begins a session. Throws PolyreelError `unauthenticated`, the same for whatever is wrong and after the same time, or
 * `exhausted` after many failures.
 */
export async function signIn(
  deps: SignInDeps,
  credentials: Credentials,
  session: { readonly page: boolean; readonly client: string },
): Promise<BegunSession> {
  const person = await checked(deps, credentials);
  return await deps.sessions.begin(person, session);
}

async function checked({ users, passwords, attempts }: SignInDeps, credentials: Credentials): Promise<Person> {
  const id = userIdOf(normalizeEmail(credentials.email));
  const attempt = attempts.begin(id, credentials.address);
  const refusedAt = performance.now() + REFUSED_AFTER_MS;
  const record = await users.get(id);
  const isRight = await passwords.verify(record?.passwordHash, credentials.password);
  const person = personOf(record);
  if (!isRight || !person) {
    await sleep(Math.max(0, refusedAt - performance.now()));
    throw wrongCredentials();
  }
  attempt.succeeded();
  return person;
}

const wrongCredentials = (): PolyreelError =>
  new PolyreelError("unauthenticated", {
    reason: "The email address or the password is wrong.",
    remedy: "Check both. An administrator can reset the password: polyreel users reset-password.",
  });

export const asksNobody = (): PolyreelError =>
  new PolyreelError("precondition", {
    reason: "This gateway does not ask who is calling, so nobody needs to sign in.",
    remedy: "Start it with POLYREEL_AUTH=required, or go on without signing in.",
  });
