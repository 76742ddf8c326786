import { PolyreelError } from "@polyreel/platform";
import type { Log } from "@polyreel/platform/runtime";
import type { Provider } from "../provider/provider.js";
import { type Claims, claimValues } from "../tokens/claim-values.js";
import { type ProvidedUser, userOfClaims } from "../tokens/user-of-claims.js";
import { verifyToken } from "../tokens/verify-token.js";
import type { Attempt } from "./attempt.js";

/** Where the provider sends the browser back to. Each has its own: none is mixed up with another (RFC 9700, section 4.4.2). */
export const callbackPath = (provider: string): string => `/sign-in/${provider}/callback`;

/** Begins the code flow with PKCE. Returns where the browser goes, and what ends the flow. */
export async function beginCodeFlow(
  provider: Provider,
  baseUrl: string,
  to: string,
): Promise<{ readonly location: string; readonly attempt: Attempt }> {
  const { name, scopes, parameters } = provider.settings;
  const client = await provider.client();
  const oidc = await import("openid-client");
  const [state, nonce, codeVerifier] = [oidc.randomState(), oidc.randomNonce(), oidc.randomPKCECodeVerifier()];
  const location = oidc.buildAuthorizationUrl(client, {
    ...parameters,
    ...{ redirect_uri: baseUrl + callbackPath(name), scope: scopes.join(" "), state, nonce },
    ...{ code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier), code_challenge_method: "S256" },
  });
  return { location: location.href, attempt: { provider: name, state, nonce, codeVerifier, to } };
}

/** Who signed in, and by which token. */
export interface SignedIn {
  readonly user: ProvidedUser;
  readonly idToken: string;
  /** The provider's id of its session; empty: it states none. */
  readonly providerSession: string;
}

/**
 * Ends the flow by the address that the provider sent the browser to. Throws PolyreelError: `denied` if the person or the rules
 * refuse, `unauthenticated` if it is not the answer to this attempt, `unavailable` if the provider does not answer.
 */
export async function endCodeFlow(
  provider: Provider,
  answer: URL,
  { state, nonce, codeVerifier }: Attempt,
  log: Log,
): Promise<SignedIn> {
  const { settings } = provider;
  const client = await provider.client();
  const oidc = await import("openid-client");
  try {
    const checks = {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: codeVerifier,
      idTokenExpected: true,
    };
    const tokens = await oidc.authorizationCodeGrant(client, answer, checks);
    // Signed by the provider, too, and not only received from it: one rule for algorithms and keys everywhere.
    const idToken = tokens.id_token ?? "";
    const { claims } = await verifyToken(idToken, provider, { audiences: [settings.clientId] });
    const all = lacks(claims, provider)
      ? { ...(await oidc.fetchUserInfo(client, tokens.access_token, String(claims.sub))), ...claims }
      : claims;
    const providerSession = typeof claims.sid === "string" ? claims.sid : "";
    return { user: userOfClaims(all, settings), idToken, providerSession };
  } catch (error) {
    if (error instanceof PolyreelError) throw error;
    if (error instanceof Error && error.cause instanceof PolyreelError) throw error.cause;
    // The library's errors have answers of the provider as their causes: only its words for them are logged.
    const { name = "", code = "", error: word = "" } = error as Readonly<Record<string, string | undefined>>;
    log.warn({ provider: settings.name, failure: [name, code, word].filter(Boolean).join(" ") }, "a sign-in failed");
    throw word === "access_denied" ? cancelled(settings.label) : notEnded(settings.label);
  }
}

/** Whether something that the rules need is not among the claims: some providers give groups away only when they are asked. */
function lacks(claims: Claims, { settings }: Provider): boolean {
  const { role, tenant, emailDomains } = settings;
  const needed = [role, tenant].flatMap((rule) => ("claim" in rule ? rule.claim : []));
  if (emailDomains.length > 0) needed.push("email");
  return needed.some((name) => claimValues(claims, name).length === 0);
}

const cancelled = (label: string): PolyreelError =>
  new PolyreelError("denied", {
    reason: `The sign-in at ${JSON.stringify(label)} was cancelled, or refused there.`,
    remedy: "Try again, with an account that may use Polyreel.",
  });

const notEnded = (label: string): PolyreelError =>
  new PolyreelError("unauthenticated", {
    reason: `${JSON.stringify(label)} did not confirm the sign-in.`,
    remedy: "Try again. If it stays so, an operator finds the reason in the gateway's log.",
  });
