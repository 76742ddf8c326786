import { timestampMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { SessionService, type Tokens } from "@polyreel/contract";
import { credentialsFile } from "../config.js";
import { exitCodes } from "../exit-codes.js";
import { ProblemsError } from "../problem.js";
import { type Credentials, CredentialsFile } from "./credentials.js";
import type { ProviderClient } from "./provider/provider-client.js";

/** A server that does not answer must not keep other commands waiting. */
const REFRESH_TIMEOUT_MS = 15_000;

/** The token of the person who signed in at a server, refreshed when it expires. Undefined if nobody did. */
export function signedInToken(
  server: string,
  transport: Parameters<typeof createGrpcTransport>[0],
): () => Promise<string | undefined> {
  const file = new CredentialsFile(credentialsFile());
  const sessions = createClient(SessionService, createGrpcTransport(transport));
  const refresh = async (refreshToken: string): Promise<Credentials | undefined> => {
    try {
      const { tokens } = await sessions.refreshSession({ refreshToken }, { timeoutMs: REFRESH_TIMEOUT_MS });
      return tokens && credentialsOf(tokens);
    } catch (error) {
      if (ConnectError.from(error).code === Code.Unauthenticated) return undefined;
      throw error;
    }
  };
  return async () => {
    const kept = await file.get(server);
    const provider = kept?.provider;
    const next = provider ? (token: string) => refreshedBy(provider, token) : refresh;
    const fresh = kept && (await file.fresh(server, next));
    if (kept && !fresh) throw sessionEnded(server);
    return fresh?.accessToken;
  };
}

async function refreshedBy(provider: ProviderClient, refreshToken: string): Promise<Credentials | undefined> {
  const { refreshAtProvider } = await import("./provider/later.js"); // Not loaded by commands that need no refresh.
  return await refreshAtProvider(provider, refreshToken);
}

export const credentialsOf = (tokens: Tokens): Credentials => ({
  accessToken: tokens.accessToken,
  refreshToken: tokens.refreshToken,
  ...(tokens.accessExpiresAt && { accessExpiresAtMs: timestampMs(tokens.accessExpiresAt) }),
});

const sessionEnded = (server: string): ProblemsError =>
  new ProblemsError(
    [{ what: `The session at ${server} has ended.`, remedy: "Sign in again: polyreel login." }],
    exitCodes.failed,
  );
