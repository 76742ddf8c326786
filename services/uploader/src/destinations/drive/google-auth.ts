import type { gaxios, OAuth2Client } from "google-auth-library";
import type { DriveCredentials } from "./credentials.js";
import { type DriveScope, GOOGLE_TOKEN_URL, scopeUrl } from "./google-endpoints.js";

/** Deadline of a token request. */
const TOKEN_MS = 30_000;

/**
 * Google's client for some credentials. The library is loaded only where Drive is used, and known only in this file and
 * in drive-consent.ts.
 */
export async function googleClient(credentials: DriveCredentials, scope: DriveScope): Promise<OAuth2Client> {
  const { JWT, OAuth2Client } = await import("google-auth-library");
  const transporter = await tokenTransporter(credentials.tokenUrl);
  if (credentials.type === "service_account") {
    const { email, privateKey: key, keyId } = credentials;
    return new JWT({ email, key, ...(keyId !== undefined && { keyId }), scopes: [scopeUrl(scope)], transporter });
  }
  const { clientId, clientSecret, refreshToken } = credentials;
  const client = new OAuth2Client({ clientId, clientSecret, transporter });
  client.setCredentials({ refresh_token: refreshToken });
  return client;
}

/**
 * Sends token requests to the address that the credentials name, as Google's libraries for other languages do: this one
 * has one fixed address for service accounts. Repeats nothing: `DriveConnection` does.
 */
export async function tokenTransporter(tokenUrl: string): Promise<gaxios.Gaxios> {
  const { Gaxios } = (await import("google-auth-library")).gaxios;
  return new (class extends Gaxios {
    override request<T>(options: gaxios.GaxiosOptions = {}): gaxios.GaxiosPromise<T> {
      const isToken = String(options.url) === GOOGLE_TOKEN_URL;
      return super.request<T>({
        ...options,
        ...(isToken && { url: tokenUrl, timeout: TOKEN_MS }),
        retry: false,
        retryConfig: { retry: 0, noResponseRetries: 0 },
      });
    }
  })();
}
