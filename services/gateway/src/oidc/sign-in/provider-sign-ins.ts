import { PolyreelError } from "@polyreel/platform";
import type { Log } from "@polyreel/platform/runtime";
import type { BegunSession, KeptSessions } from "../../people/kept-sessions.js";
import { ownPath } from "../../people/web/sign-in-address.js";
import { isLoopback } from "../../server/allowed-hosts.js";
import type { Provider } from "../provider/provider.js";
import { openAttempt, sealAttempt } from "./attempt.js";
import { beginCodeFlow, callbackPath, endCodeFlow } from "./code-flow.js";

/** A working day: who leaves the provider's organization is asked there again. */
const SESSION_LASTS_MS = 12 * 3600_000;

interface Deps {
  readonly providers: readonly Provider[];
  readonly people: { readonly sessions: Pick<KeptSessions, "begin"> };
  readonly log: Log;
  /** Where browsers reach the gateway. */
  readonly publicUrl: () => string;
  /** Of attempts in cookies. */
  readonly key: Uint8Array;
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
    const { id, name: email, ...rights } = await endCodeFlow(provider, answer, attempt, log);
    const person = { id, email, ...rights, provider: provider.settings.issuer, generation: 0n };
    const session = await people.sessions.begin(person, { page: true, client, lastsMs: SESSION_LASTS_MS });
    return { ...session, to: attempt.to };
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
