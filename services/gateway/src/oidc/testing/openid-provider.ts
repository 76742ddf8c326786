import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import Provider, { type ClientMetadata, type Configuration } from "oidc-provider";
import { MemoryAdapter } from "./memory-adapter.js";

/** The audience of its access tokens. */
export const RESOURCE = "https://polyreel.test/api";

export interface SigningKey {
  readonly jwk: JWK;
  readonly privateKey: Awaited<ReturnType<typeof generateKeyPair>>["privateKey"];
}

/** A new key pair, as providers make when they rotate. */
export async function signingKey(kid: string, alg = "RS256"): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, jwk: { ...(await exportJWK(privateKey)), kid, alg, use: "sig" } };
}

interface Options {
  readonly keys: readonly SigningKey[];
  /** 0 picks a free one. */
  readonly port?: number;
  readonly clients?: readonly ClientMetadata[];
  /** Further claims of everybody. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Lifetime of access tokens. */
  readonly accessTokenSeconds?: number;
}

/**
 * A real OpenID provider on loopback: discovery, keys, code flow with PKCE, device flow, refresh, revocation. Everybody signs in
 * at once, as the person that the request hints at.
 */
export class OpenIdProvider {
  private constructor(
    private readonly server: Server,
    readonly issuer: string,
    readonly port: number,
    private readonly requests: string[],
    private readonly keys: readonly SigningKey[],
  ) {}

  static async start({ keys, port = 0, clients = [], claims = {}, accessTokenSeconds = 600 }: Options) {
    const server = createServer();
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    const listening = (server.address() as AddressInfo).port;
    const issuer = `http://127.0.0.1:${listening}`;
    const configuration = configurationOf({ keys, clients, claims, accessTokenSeconds });
    const provider = new Provider(issuer, configuration);
    const handle = provider.callback();
    const requests: string[] = [];
    server.on("request", (request, response) => {
      requests.push(`${request.method} ${request.url?.split("?")[0]}`);
      if (request.url?.startsWith("/interaction/")) void signIn(provider, request, response);
      else void handle(request, response);
    });
    return new OpenIdProvider(server, issuer, listening, requests, keys);
  }

  /** How often a path was requested, such as `/jwks`. */
  requestsOf = (path: string): number => this.requests.filter((one) => one.endsWith(` ${path}`)).length;

  /** An access token that it could have issued, with other claims and header. */
  token(claims: Readonly<Record<string, unknown>> = {}, header: { kid?: string; typ?: string } = {}): Promise<string> {
    const [key] = this.keys;
    if (!key) throw new Error("the provider has no key");
    const now = Math.floor(Date.now() / 1000);
    const usual = { iss: this.issuer, aud: RESOURCE, sub: "ada", groups: ["staff"], iat: now, exp: now + 600 };
    return new SignJWT({ ...usual, ...claims })
      .setProtectedHeader({ alg: key.jwk.alg ?? "", kid: key.jwk.kid ?? "", typ: "at+jwt", ...header })
      .sign(key.privateKey);
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
  }
}

/** In place of a page with a form: signs in whom the request hints at, or ada, and lets the client know everything. */
async function signIn(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  const accountId = session?.accountId ?? String(params.login_hint ?? "ada");
  if (prompt.name === "login") return provider.interactionFinished(request, response, { login: { accountId } });
  const grant = new provider.Grant({ accountId, clientId: String(params.client_id) });
  grant.addOIDCScope(String(params.scope));
  grant.addResourceScope(RESOURCE, "openid");
  const consent = { grantId: await grant.save() };
  return provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
}

function configurationOf(options: Required<Omit<Options, "port">>): Configuration {
  const { keys, clients, claims, accessTokenSeconds } = options;
  return {
    jwks: { keys: keys.map(({ jwk }) => jwk) } as NonNullable<Configuration["jwks"]>,
    clients: [...clients],
    adapter: MemoryAdapter,
    // Its own dispatcher refuses loopback, where its clients are.
    fetch: (url, { dispatcher: _, ...options } = {}) => fetch(url, options),
    claims: { openid: ["sub"], profile: ["name", "groups", "org"], email: ["email", "email_verified"] },
    scopes: ["openid", "profile", "email", "offline_access"],
    conformIdTokenClaims: false,
    cookies: { keys: ["for tests"] },
    pkce: { required: () => true },
    findAccount: (_, accountId) => ({
      accountId,
      claims: () => ({ sub: accountId, email: `${accountId}@example.com`, email_verified: true, ...claims }),
    }),
    extraTokenClaims: (_, token) => ({
      ...("accountId" in token && { email: `${token.accountId}@example.com` }),
      ...claims,
    }),
    issueRefreshToken: async () => true,
    ttl: {
      AccessToken: accessTokenSeconds,
      IdToken: 600,
      RefreshToken: 3600,
      Session: 3600,
      Grant: 3600,
      Interaction: 600,
    },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    features: {
      devInteractions: { enabled: false },
      deviceFlow: { enabled: true },
      revocation: { enabled: true, allowedPolicy: async () => true },
      clientCredentials: { enabled: true },
      rpInitiatedLogout: { enabled: true },
      backchannelLogout: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => RESOURCE,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({ scope: "openid", audience: RESOURCE, accessTokenFormat: "jwt" }),
      },
    },
  };
}
