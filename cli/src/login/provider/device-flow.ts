import type { SignInProvider } from "@polyreel/contract";
import * as oidc from "openid-client";
import type { Terminal } from "../../terminal/terminal.js";
import { asking, failed, openClient, type ProviderTokens, tokensOf } from "./provider-client.js";

/** Signs a person in by a browser on any machine, where they type a code (RFC 8628). Throws ProblemsError. */
export async function signInByDevice(
  provider: SignInProvider,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ProviderTokens> {
  const { issuer, scopes, parameters } = provider;
  const client = await openClient(provider);
  if (!client.serverMetadata().device_authorization_endpoint) {
    throw failed(issuer, "the provider has no sign-in by device", "Leave --device out.");
  }
  const begun = await asking(issuer, () =>
    oidc.initiateDeviceAuthorization(client, { ...parameters, scope: scopes.join(" ") }),
  );
  const { user_code: code, verification_uri: page, expires_in: seconds } = begun;
  terminal.note(
    `Open this page within ${Math.round(seconds / 60)} min, on any machine, and type ${code}:\n\n  ${page}\n\n`,
  );
  const answer = await asking(issuer, () => oidc.pollDeviceAuthorizationGrant(client, begun, undefined, { signal }));
  return tokensOf(provider, answer, Date.now());
}
