import { randomBytes } from "node:crypto";
import { basename } from "node:path";
import { PolyreelError } from "@polyreel/platform";
import type { OAuth2Client } from "google-auth-library";
import type { AuthorizedUser, OAuthClient } from "./credentials.js";
import { credentialsFile } from "./credentials-source.js";
import { CurrentCredentials } from "./current-credentials.js";
import { DriveConnection } from "./drive-connection.js";
import { tokenTransporter } from "./google-auth.js";
import { type DriveScope, GOOGLE_API, scopeUrl } from "./google-endpoints.js";

/** Asks a person to let Polyreel use their Drive: OAuth for installed applications, with PKCE and state. */
export class DriveConsent {
  private constructor(
    private readonly client: OAuthClient,
    private readonly google: OAuth2Client,
    /** The consent page. */
    readonly address: string,
    private readonly expected: { readonly state: string; readonly codeVerifier: string; readonly scope: string },
  ) {}

  /** `redirectUri`: where Google sends the browser afterwards. */
  static async open(
    client: OAuthClient,
    { redirectUri, scope: wanted }: { redirectUri: string; scope: DriveScope },
  ): Promise<DriveConsent> {
    const { CodeChallengeMethod, OAuth2Client } = await import("google-auth-library");
    const { clientId, clientSecret, authUrl, tokenUrl } = client;
    const google = new OAuth2Client({
      clientId,
      clientSecret,
      redirectUri,
      transporter: await tokenTransporter(tokenUrl),
      ...(authUrl !== undefined && { endpoints: { oauth2AuthBaseUrl: authUrl } }),
    });
    const { codeVerifier, codeChallenge } = await google.generateCodeVerifierAsync();
    const state = randomBytes(24).toString("base64url");
    const scope = scopeUrl(wanted);
    const address = google.generateAuthUrl({
      access_type: "offline",
      prompt: "consent",
      scope: [scope],
      state,
      code_challenge_method: CodeChallengeMethod.S256,
      ...(codeChallenge !== undefined && { code_challenge: codeChallenge }),
    });
    return new DriveConsent(client, google, address, { state, codeVerifier, scope });
  }

  /**
   * Exchanges the address that the browser was sent to for credentials. Throws PolyreelError `denied` if the person
   * refused, `invalid` if the address is not the answer to this consent.
   */
  async redeem(redirected: URL): Promise<AuthorizedUser> {
    const { searchParams: answer } = redirected;
    if (answer.get("state") !== this.expected.state) {
      throw new PolyreelError("invalid", {
        reason: "This address is not the answer to this consent page.",
        remedy: "Paste the whole address of the page that the browser was sent to last.",
      });
    }
    const refusal = answer.get("error");
    if (refusal !== null) throw refused(refusal === "access_denied" ? "the consent was refused" : refusal.slice(0, 60));
    const code = answer.get("code");
    if (!code) throw refused("its answer has no code");
    const tokens = await this.#tokensFor(code);
    if (!(tokens.scope ?? this.expected.scope).split(" ").includes(this.expected.scope)) {
      throw refused("the right to use files of Drive was not granted: tick it on the consent page");
    }
    if (!tokens.refresh_token) throw refused("it issued no lasting token");
    const { clientId, clientSecret, tokenUrl } = this.client;
    return { type: "authorized_user", clientId, clientSecret, refreshToken: tokens.refresh_token, tokenUrl };
  }

  async #tokensFor(code: string) {
    try {
      return (await this.google.getToken({ code, codeVerifier: this.expected.codeVerifier })).tokens;
    } catch (error) {
      // Google's error carries the request, and so the client's secret.
      const { response } = error as { response?: { data?: { error?: unknown } } };
      if (response) throw refused(`it answered ${String(response.data?.error ?? "with an error").slice(0, 60)}`);
      throw new PolyreelError("unavailable", {
        reason: `Google does not answer at ${new URL(this.client.tokenUrl).origin}.`,
        remedy: "See that this machine reaches it, and run the command again.",
      });
    }
  }
}

const refused = (reason: string): PolyreelError =>
  new PolyreelError("denied", {
    reason: `Google gave no access: ${reason}.`,
    remedy: "Run `polyreel drive login` again.",
  });

/** The person that an account belongs to. */
export interface DriveAccount {
  readonly email: string;
  readonly name: string;
}

/** Asks Drive whose the credentials in a file are, which tests them. Throws PolyreelError. */
export async function driveAccount(
  { credentials, endpoint = GOOGLE_API }: { credentials: string; endpoint?: string | undefined },
  signal: AbortSignal,
): Promise<DriveAccount> {
  const destination = basename(credentials);
  const file = new CurrentCredentials(credentialsFile(credentials, destination), { scope: "drive.file", endpoint });
  const connection = new DriveConnection(file, { destination, endpoint, maxTries: 3 });
  const query = { fields: "user(displayName,emailAddress)" };
  const { data } = await connection.request({ method: "GET", path: "/drive/v3/about", query }, signal);
  const { user } = data as { user?: { displayName?: string; emailAddress?: string } };
  return { email: user?.emailAddress ?? "", name: user?.displayName ?? "" };
}
