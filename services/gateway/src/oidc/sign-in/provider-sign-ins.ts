import type { SessionRecord } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import type { Log } from "@polyreel/platform/runtime";
import type { BegunSession, KeptSessions } from "../../people/kept-sessions.js";
import { SIGN_IN } from "../../people/web/addresses.js";
import { ownPath } from "../../people/web/sign-in-address.js";
import { isLoopback } from "../../server/allowed-hosts.js";
import type { Provider } from "../provider/provider.js";
import { openAttempt, openIdToken, sealAttempt, sealIdToken } from "./attempt.js";
import { beginCodeFlow, callbackPath, endCodeFlow } from "./code-flow.js";
import { readLogoutToken, signOutAddress } from "./sign-out.js";

/** A working day: who leaves the provider's organization is asked there again. */
const SESSION_LASTS_MS = 12 * 3600_000;

interface Deps {
  readonly providers: readonly Provider[];
  readonly people: { readonly sessions: Pick<KeptSessions, "begin" | "list" | "end"> };
  readonly log: Log;
  /** Where browsers reach the gateway. */
  readonly publicUrl: () => string;
  /** Of attempts in cookies. */
  readonly key: Uint8Array;
}

/** A provider, and where one signs out there. */
export interface SignOut {
  readonly label: string;
  readonly address: string;
}

/** Sign-ins of the page at providers: begun and ended by the same browser, which then has a session here. */
export class ProviderSignIns {
  constructor(private readonly deps: Deps) {}

  /** Where the browser goes to sign in, and what it keeps meanwhile. Throws PolyreelError. */
  async begin(name: string, to: string): Promise<{ readonly location: string; readonly kept: string }> {
    const { publicUrl, key } = this.deps;
    const base = publicUrl();
    assertKeepsCookies(base);
    const { location, attempt } = await beginCodeFlow(this.#provider(name), base, ownPath(to));
    return { location, kept: await sealAttempt(attempt, key, Date.now()) };
  }

  /**
   * Begins a session for whom the provider confirms, and tells where they wanted to go. `query`: what the provider added to the
   * callback's address; `kept`: what `begin` gave the browser. Throws PolyreelError.
   */
  async end(
    name: string,
    { query, kept, client }: { readonly query: string; readonly kept: string; readonly client: string },
  ): Promise<BegunSession & { readonly to: string }> {
    const { publicUrl, key, people, log } = this.deps;
    const provider = this.#provider(name);
    const attempt = await openAttempt(kept, key, Date.now());
    if (attempt?.provider !== name) throw notBegun();
    const answer = new URL(`${publicUrl()}${callbackPath(name)}${query}`);
    const { user, idToken, providerSession } = await endCodeFlow(provider, answer, attempt, log);
    const { id, name: email, ...rights } = user;
    const person = { id, email, ...rights, provider: provider.settings.issuer, generation: 0n };
    const signIn = { idToken: await sealIdToken(idToken, key), providerSession };
    const session = await people.sessions.begin(person, { page: true, client, lastsMs: SESSION_LASTS_MS, signIn });
    return { ...session, to: attempt.to };
  }

  /** Where a browser signs out at the provider of its session, too; undefined: there is nothing to sign out from. */
  async signOut({ provider: issuer, idToken }: SessionRecord): Promise<SignOut | undefined> {
    const { providers, publicUrl, key, log } = this.deps;
    const provider = providers.find(({ settings }) => settings.issuer === issuer);
    if (!provider) return undefined;
    const { label, returnsAfterSignOut, name } = provider.settings;
    const returnTo = returnsAfterSignOut ? `${publicUrl()}${SIGN_IN}` : undefined;
    try {
      const address = await signOutAddress(provider, await openIdToken(idToken, key), returnTo);
      return address === undefined ? undefined : { label, address };
    } catch (error) {
      log.warn({ err: error, provider: name }, "nobody can be led to sign out at the provider");
      return undefined;
    }
  }

  /** Ends the sessions that a provider says are over. Throws PolyreelError for what is no such statement of it. */
  async backChannelLogout(name: string, logoutToken: string): Promise<void> {
    const { people } = this.deps;
    const provider = this.#provider(name);
    const { issuer } = provider.settings;
    const { userId, providerSession } = await readLogoutToken(logoutToken, provider);
    for (const { session, ...record } of await people.sessions.list(userId)) {
      if (record.provider !== issuer || !session) continue;
      if (providerSession === "" || providerSession === record.providerSession) await people.sessions.end(session.id);
    }
  }

  #provider(name: string): Provider {
    const found = this.deps.providers.find(({ settings }) => settings.name === name);
    if (found) return found;
    throw new PolyreelError("not_found", {
      reason: `Nobody signs in by ${JSON.stringify(name.slice(0, 40))} here.`,
      remedy: "The page /sign-in shows the ways to sign in.",
    });
  }
}

/** Browsers drop such cookies over plain HTTP, except on loopback. */
function assertKeepsCookies(base: string): void {
  const { protocol, hostname } = new URL(base);
  if (protocol === "https:" || isLoopback(hostname)) return;
  throw new PolyreelError("precondition", {
    reason: `Browsers keep a sign-in over HTTPS only, and the gateway's address is ${base}.`,
    remedy: "Set POLYREEL_PUBLIC_URL to its address of https, as docs/guide/single-sign-on.md describes.",
  });
}

const notBegun = (): PolyreelError =>
  new PolyreelError("unauthenticated", {
    reason: "This browser did not begin this sign-in, or began it more than ten minutes ago.",
    remedy: "Sign in again.",
  });
