import * as oidc from "openid-client";
import { ProblemsError } from "../../problem.js";
import type { Credentials } from "../credentials.js";
import { asking, credentialsOfProvider, openClient, type ProviderClient, tokensOf } from "./provider-client.js";

/** The next tokens; undefined if the provider wants another sign-in. Throws ProblemsError if it does not answer. */
export async function refreshAtProvider(
  provider: ProviderClient,
  refreshToken: string,
): Promise<Credentials | undefined> {
  const client = await openClient(provider);
  try {
    const answer = await asking(provider.issuer, () => oidc.refreshTokenGrant(client, refreshToken));
    // Providers that do not rotate it send none.
    return { refreshToken, ...credentialsOfProvider(provider, tokensOf(provider, answer, Date.now())) };
  } catch (error) {
    if (error instanceof ProblemsError && error.cause instanceof oidc.ResponseBodyError) return undefined;
    throw error;
  }
}

/** Ends the tokens at the provider, if it offers that (RFC 7009). Returns why they could not be ended. */
export async function revokeAtProvider(
  provider: ProviderClient,
  { accessToken, refreshToken }: Credentials,
): Promise<string | undefined> {
  try {
    const client = await openClient(provider);
    if (!client.serverMetadata().revocation_endpoint) return `Tokens of ${provider.issuer} remain until they expire.`;
    // The refresh token's end is that of its access tokens, where the provider can end those at all.
    await asking(provider.issuer, () => oidc.tokenRevocation(client, refreshToken ?? accessToken));
    return undefined;
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    return `${provider.issuer} did not end the tokens: they remain until they expire.`;
  }
}
