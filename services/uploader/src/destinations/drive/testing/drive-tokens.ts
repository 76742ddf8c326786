import { createHash, createPublicKey, generateKeyPairSync, randomBytes, verify } from "node:crypto";
import { GOOGLE_TOKEN_URL } from "../google-endpoints.js";

const TOKEN_SECONDS = 3600;

export interface TokenAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

const refused = (error: string, description = ""): TokenAnswer => ({
  status: error === "invalid_client" ? 401 : 400,
  body: { error, error_description: description },
});

/** Issues tokens like Google: for refresh tokens, signed assertions of a service account, and codes of a consent. */
export class DriveTokens {
  static readonly client = { id: "polyreel.apps.googleusercontent.com", secret: "GOCSPX-client-secret" } as const;
  static readonly serviceAccount = "robot@polyreel.iam.gserviceaccount.com";

  /** Generated for the first use: it takes a while. */
  #keys: { privateKey: string; publicKey: string } | undefined;
  readonly #valid = new Set<string>();
  readonly #refreshTokens = new Set(["1//refresh-token"]);
  readonly #codes = new Map<string, { challenge: string; redirectUri: string; scope: string }>();
  /** Scopes that tokens were issued for. */
  readonly scopes: string[] = [];

  get privateKey(): string {
    return this.#keyPair().privateKey;
  }

  isValid(authorization: string | undefined): boolean {
    return this.#valid.has(authorization?.replace(/^Bearer /, "") ?? "");
  }

  /** Tokens are refused from now on; new ones are issued. */
  expire(): void {
    this.#valid.clear();
  }

  /** As if the person removed the application from their account. */
  revoke(): void {
    this.#valid.clear();
    this.#refreshTokens.clear();
  }

  /** Another consent: the refresh token that it issues. */
  grant(): string {
    const token = `1//${randomBytes(8).toString("hex")}`;
    this.#refreshTokens.add(token);
    return token;
  }

  /** The consent page: the person allows everything. Returns the address that the browser is sent to. */
  consent(page: URLSearchParams): string | undefined {
    const redirectUri = page.get("redirect_uri") ?? "";
    const isAsDocumented =
      page.get("access_type") === "offline" &&
      page.get("prompt") === "consent" &&
      page.get("response_type") === "code" &&
      page.get("code_challenge_method") === "S256" &&
      page.get("client_id") === DriveTokens.client.id &&
      /^http:\/\/127\.0\.0\.1:\d+$/.test(redirectUri);
    if (!isAsDocumented) return undefined;
    const code = `4/${randomBytes(8).toString("hex")}`;
    const scope = page.get("scope") ?? "";
    this.#codes.set(code, { challenge: page.get("code_challenge") ?? "", redirectUri, scope });
    const redirected = new URL(redirectUri);
    redirected.search = new URLSearchParams({ state: page.get("state") ?? "", code, scope }).toString();
    return redirected.href;
  }

  answer(request: URLSearchParams): TokenAnswer {
    switch (request.get("grant_type")) {
      case "refresh_token":
        return this.#refresh(request);
      case "authorization_code":
        return this.#redeem(request);
      case "urn:ietf:params:oauth:grant-type:jwt-bearer":
        return this.#assert(request.get("assertion") ?? "");
      default:
        return refused("unsupported_grant_type");
    }
  }

  #refresh(request: URLSearchParams): TokenAnswer {
    if (!this.#isClient(request)) return refused("invalid_client");
    if (!this.#refreshTokens.has(request.get("refresh_token") ?? "")) {
      return refused("invalid_grant", "Token has been expired or revoked.");
    }
    return this.#issue({});
  }

  #redeem(request: URLSearchParams): TokenAnswer {
    if (!this.#isClient(request)) return refused("invalid_client");
    const code = request.get("code") ?? "";
    const known = this.#codes.get(code);
    this.#codes.delete(code);
    const challenge = createHash("sha256")
      .update(request.get("code_verifier") ?? "")
      .digest("base64url");
    if (!known || known.challenge !== challenge || known.redirectUri !== request.get("redirect_uri")) {
      return refused("invalid_grant", "Bad Request");
    }
    return this.#issue({ refresh_token: this.grant(), scope: known.scope });
  }

  #assert(assertion: string): TokenAnswer {
    const [head = "", body = "", signature = ""] = assertion.split(".");
    const key = createPublicKey(this.#keyPair().publicKey);
    if (!verify("RSA-SHA256", Buffer.from(`${head}.${body}`), key, Buffer.from(signature, "base64url"))) {
      return refused("invalid_grant", "Invalid JWT Signature.");
    }
    const claims = JSON.parse(Buffer.from(body, "base64url").toString()) as Record<string, unknown>;
    const now = Date.now() / 1000;
    if (claims.iss !== DriveTokens.serviceAccount) return refused("invalid_grant", "Invalid issuer.");
    if (claims.aud !== GOOGLE_TOKEN_URL) return refused("invalid_grant", "Invalid audience.");
    if (!(Number(claims.iat) <= now + 60 && Number(claims.exp) > now)) {
      return refused("invalid_grant", "Invalid JWT: Token must be a short-lived token and in a reasonable timeframe.");
    }
    this.scopes.push(String(claims.scope));
    return this.#issue({});
  }

  #keyPair() {
    this.#keys ??= generateKeyPairSync("rsa", {
      modulusLength: 2048,
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    return this.#keys;
  }

  #isClient(request: URLSearchParams): boolean {
    return (
      request.get("client_id") === DriveTokens.client.id && request.get("client_secret") === DriveTokens.client.secret
    );
  }

  #issue(more: Record<string, unknown>): TokenAnswer {
    const token = `ya29.${randomBytes(16).toString("hex")}`;
    this.#valid.add(token);
    return { status: 200, body: { access_token: token, expires_in: TOKEN_SECONDS, token_type: "Bearer", ...more } };
  }
}
