import type { SignInProvider } from "@polyreel/contract";
import * as oidc from "openid-client";
import { LoopbackRedirect } from "../../browser/loopback-redirect.js";
import { openPage } from "../../browser/open-page.js";
import { pastedAddresses } from "../../browser/pasted-addresses.js";
import type { Terminal } from "../../terminal/terminal.js";
import { asking, failed, openClient, type ProviderTokens, tokensOf } from "./provider-client.js";

/** Longer, nobody is before the browser any more. */
const WAITS_MS = 5 * 60_000;

interface Flags {
  /** Whether a browser may be opened. */
  readonly browser: boolean;
  /** For testing. */
  readonly waitsMs?: number;
}

/**
 * Signs a person in by a browser on this machine: the code flow with PKCE, whose answer comes to a port of loopback
 * (RFC 8252). Throws ProblemsError if they do not, or the provider refuses.
 */
export async function signInByBrowser(
  provider: SignInProvider,
  { browser, waitsMs = WAITS_MS }: Flags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ProviderTokens> {
  const client = await openClient(provider);
  const redirect = await LoopbackRedirect.listen();
  const done = new AbortController();
  const either = AbortSignal.any([signal, done.signal, AbortSignal.timeout(waitsMs)]);
  try {
    const [state, nonce, verifier] = [oidc.randomState(), oidc.randomNonce(), oidc.randomPKCECodeVerifier()];
    const page = oidc.buildAuthorizationUrl(client, {
      ...provider.parameters,
      ...{ redirect_uri: `${redirect.uri}/`, scope: provider.scopes.join(" "), state, nonce },
      ...{ code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256" },
    });
    terminal.note(`Sign in to ${provider.label} on this page:\n\n  ${page.href}\n\n`);
    if (browser) await openPage(page.href);
    terminal.note("In a browser on another machine, the last page fails to load: paste its address here.\n");
    for await (const { url, answer } of redirect.addresses(pastedAddresses(either), either)) {
      // Others on this machine can call the port, too.
      if (url.searchParams.get("state") !== state) {
        answer("This is not the answer to the sign-in that polyreel began. You can close this page.");
        continue;
      }
      const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
      try {
        const tokens = await asking(provider.issuer, () => oidc.authorizationCodeGrant(client, url, checks));
        answer("You are signed in to Polyreel. You can close this page.");
        return tokensOf(provider, tokens, Date.now());
      } catch (error) {
        answer("The sign-in failed: the terminal shows why. You can close this page.");
        throw error;
      }
    }
    signal.throwIfAborted();
    throw failed(provider.issuer, `nobody signed in within ${waitsMs / 1000} s`, "Run polyreel login again.");
  } finally {
    done.abort();
    redirect.close();
  }
}
