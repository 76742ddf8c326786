import * as oidc from "openid-client";
import { asking, openClient, type ProviderClient, type ProviderTokens, tokensOf } from "./provider-client.js";

/** Gets the next tokens. Throws ProblemsError, also for a provider that wants another sign-in. */
export async function refreshAtProvider(provider: ProviderClient, refreshToken: string): Promise<ProviderTokens> {
  const client = await openClient(provider);
  const answer = await asking(provider.issuer, () => oidc.refreshTokenGrant(client, refreshToken));
  // Providers that do not rotate it send none.
  return { refreshToken, ...dropEmpty(tokensOf(provider, answer, Date.now())) };
}

const dropEmpty = ({ refreshToken, ...rest }: ProviderTokens) => ({ ...rest, ...(refreshToken && { refreshToken }) });

/** Ends the tokens at the provider, if it offers that (RFC 7009). */
export async function revokeAtProvider(
  provider: ProviderClient,
  { bearer, refreshToken }: ProviderTokens,
): Promise<boolean> {
  const client = await openClient(provider);
  if (!client.serverMetadata().revocation_endpoint) return false;
  // The refresh token's end is that of its access tokens, where the provider can end those at all.
  await asking(provider.issuer, () => oidc.tokenRevocation(client, refreshToken || bearer));
  return true;
}
