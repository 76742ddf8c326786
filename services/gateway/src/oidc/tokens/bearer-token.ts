import type { SignedInUser } from "../../call/call.js";
import type { Provider } from "../provider/provider.js";
import type { ProviderSettings } from "../settings/provider-settings.js";
import { userOfClaims } from "./user-of-claims.js";
import { unfit, type VerifiedToken, verifyToken } from "./verify-token.js";

/** Claims that ID tokens have, and access tokens do not: https://openid.net/specs/openid-connect-core-1_0.html#IDToken */
const OF_ID_TOKENS = ["nonce", "at_hash", "c_hash", "s_hash"];

/**
 * Whose bearer token this is. Throws PolyreelError `unauthenticated` if it is not valid, `denied` if its bearer has no role here,
 * `unavailable` while the provider's keys are unknown.
 */
export async function userOfToken(token: string, provider: Provider, now: Date): Promise<SignedInUser> {
  const { settings } = provider;
  const verified = await verifyToken(token, provider, { audiences: settings.audiences, now });
  assertUse(verified, settings);
  const expiresAtMs = (verified.claims.exp + settings.clockToleranceSeconds) * 1000;
  return { ...userOfClaims(verified.claims, settings), session: "", expiresAtMs };
}

/**
 * Providers sign other things by the same keys: ID tokens, which tell a client who signed in and are no permission
 * (https://www.rfc-editor.org/rfc/rfc9068#section-2.1); logout and refresh tokens; tokens that are bound to a key of
 * their holder, who does not show it here (https://www.rfc-editor.org/rfc/rfc9449#section-7.1).
 */
function assertUse({ claims, type }: VerifiedToken, { label, bearerTokens, ...settings }: ProviderSettings): void {
  const isId = bearerTokens === "id";
  if (type !== "jwt" && (isId || type !== "at+jwt")) throw unfit(label, "typ");
  // Keycloak writes what a token is into its payload.
  if (claims.typ !== undefined && claims.typ !== (isId ? "ID" : "Bearer")) throw unfit(label, "typ");
  // Some providers call a logout token only a JWT.
  if (claims.events !== undefined) throw unfit(label, "events");
  if (claims.cnf !== undefined) throw unfit(label, "cnf");
  const foreign = isId || type === "at+jwt" ? undefined : OF_ID_TOKENS.find((name) => claims[name] !== undefined);
  if (foreign) throw unfit(label, foreign);
  const client = claims.azp ?? claims.client_id;
  const { clientId, commandLineClientId } = settings;
  const clients = settings.clients ?? (isId && client !== undefined ? [clientId, commandLineClientId] : undefined);
  if (clients && (typeof client !== "string" || !clients.includes(client))) throw unfit(label, "azp");
}
