import { BearerToken, type SignInProvider } from "@polyreel/contract";
import * as oidc from "openid-client";
import { exitCodes } from "../../exit-codes.js";
import { ProblemsError } from "../../problem.js";
import type { Credentials } from "../credentials.js";

const TIMEOUT_SECONDS = 15;

/** A provider as the server describes it: all that is needed to go on with its tokens later. */
export type ProviderClient = Pick<SignInProvider, "issuer" | "clientId" | "bearerToken">;

/** What a provider gave: the bearer token for the server, and what gets the next one. */
export interface ProviderTokens {
  readonly bearer: string;
  readonly expiresAtMs: number;
  /** Empty if there is none. */
  readonly refreshToken: string;
}

/** The command as a public client of the provider, by its discovery document. Throws ProblemsError. */
export async function openClient({ issuer, clientId }: ProviderClient): Promise<oidc.Configuration> {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  const isPlain = url?.protocol === "http:";
  if (!url || (isPlain && !/^(127(\.\d+){3}|localhost|\[::1\])$/.test(url.hostname))) {
    throw failed(issuer, "its address is not one of https", "Ask the server's operator: POLYREEL_OIDC names it.");
  }
  const execute = isPlain ? [oidc.allowInsecureRequests] : [];
  return asking(issuer, () =>
    oidc.discovery(url, clientId, undefined, oidc.None(), { execute, timeout: TIMEOUT_SECONDS }),
  );
}

/** Asks a provider, and turns what it answers instead into problems, which contain no token. */
export async function asking<T>(issuer: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof oidc.AuthorizationResponseError || error instanceof oidc.ResponseBodyError) {
      if (error.error === "access_denied") throw failed(issuer, "it was cancelled, or refused there", AGAIN, error);
      throw failed(issuer, `the provider answers ${JSON.stringify(error.error)}`, AGAIN, error);
    }
    if (error instanceof oidc.ClientError || error instanceof TypeError) {
      const why = error.cause instanceof Error && error.cause.message ? error.cause.message : error.message;
      throw failed(issuer, why, "Check that the provider can be reached, and run polyreel login again.", error);
    }
    throw error;
  }
}

const AGAIN = "Run polyreel login again, with an account that may use Polyreel.";

/** The token that the server accepts, of a provider's answer. */
export function tokensOf(
  { issuer, bearerToken }: ProviderClient,
  answer: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers,
  nowMs: number,
): ProviderTokens {
  const isId = bearerToken === BearerToken.ID_TOKEN;
  const bearer = isId ? answer.id_token : answer.access_token;
  const seconds = isId ? (answer.claims()?.exp ?? 0) - nowMs / 1000 : answer.expiresIn();
  if (!bearer || seconds === undefined) {
    const remedy = "Ask the server's operator to look at the client's settings there.";
    throw failed(issuer, "the provider gave no token that the server accepts", remedy);
  }
  return { bearer, expiresAtMs: nowMs + seconds * 1000, refreshToken: answer.refresh_token ?? "" };
}

/** What is kept of them: with what gets the next ones. */
export const credentialsOfProvider = (
  { issuer, clientId, bearerToken }: ProviderClient,
  { bearer, expiresAtMs, refreshToken }: ProviderTokens,
): Credentials => ({
  ...{ accessToken: bearer, accessExpiresAtMs: expiresAtMs, provider: { issuer, clientId, bearerToken } },
  ...(refreshToken !== "" && { refreshToken }),
});

export const failed = (issuer: string, why: string, remedy: string, cause?: unknown): ProblemsError =>
  new ProblemsError([{ what: `The sign-in at ${issuer} failed: ${why}.`, remedy }], exitCodes.failed, { cause });
