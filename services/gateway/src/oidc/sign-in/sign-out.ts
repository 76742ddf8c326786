import type { Provider } from "../provider/provider.js";
import { idOfUser } from "../tokens/user-of-claims.js";
import { unfit, verifyToken } from "../tokens/verify-token.js";

/**
 * Where a browser signs out at a provider; undefined if that offers it nowhere.
 * https://openid.net/specs/openid-connect-rpinitiated-1_0.html
 */
export async function signOutAddress(
  provider: Provider,
  idToken: string | undefined,
  returnTo: string | undefined,
): Promise<string | undefined> {
  const client = await provider.client();
  const { end_session_endpoint: endpoint = "" } = client.serverMetadata();
  // A link of a page: nothing but an address of the web.
  if (!/^https?:/.test(endpoint)) return undefined;
  const oidc = await import("openid-client");
  return oidc.buildEndSessionUrl(client, {
    ...(idToken && { id_token_hint: idToken }),
    ...(returnTo && { post_logout_redirect_uri: returnTo }),
  }).href;
}

/** https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken */
const EVENT = "http://schemas.openid.net/event/backchannel-logout";

/**
 * Whose sessions a logout token ends: those of one session of the provider, or all of a person. Throws PolyreelError
 * `unauthenticated` for anything else that the provider, or somebody else, signed.
 */
export async function readLogoutToken(
  token: string,
  provider: Provider,
): Promise<{ readonly userId: string; readonly providerSession: string }> {
  const { label, clientId, name } = provider.settings;
  const { claims, type } = await verifyToken(token, provider, { audiences: [clientId] });
  if (type !== "logout+jwt" && type !== "jwt") throw unfit(label, "typ");
  const { events, nonce, sub = "", sid = "" } = claims;
  if (typeof events !== "object" || events === null || !(EVENT in events)) throw unfit(label, "events");
  // An ID token has one.
  if (nonce !== undefined) throw unfit(label, "nonce");
  if (typeof sid !== "string") throw unfit(label, "sid");
  return { userId: idOfUser(name, sub), providerSession: sid };
}
