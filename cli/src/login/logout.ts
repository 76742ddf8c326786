import { Code, ConnectError } from "@connectrpc/connect";
import { connectTo } from "../client/connection.js";
import { accessKey, credentialsFile } from "../config.js";
import { exitCodes } from "../exit-codes.js";
import { ProblemsError } from "../problem.js";
import type { Terminal } from "../terminal/terminal.js";
import { type Credentials, CredentialsFile } from "./credentials.js";

/** `polyreel logout`: ends the session, and forgets its tokens also if the server cannot be reached. Returns the exit code. */
export async function logout(server: string, terminal: Terminal): Promise<number> {
  const file = new CredentialsFile(credentialsFile());
  const kept = await file.get(server);
  if (!kept) {
    terminal.note(`Nobody is signed in at ${server}.\n`);
    return exitCodes.delivered;
  }
  const problem = await ended(server, kept);
  await file.set(server, undefined);
  terminal.note(`Signed out at ${server}.${problem ? ` ${problem}` : ""}\n`);
  return exitCodes.delivered;
}

async function ended(server: string, kept: Credentials): Promise<string | undefined> {
  if (kept.provider) {
    const { revokeAtProvider } = await import("./provider/later.js");
    return await revokeAtProvider(kept.provider, kept);
  }
  return kept.refreshToken === undefined || accessKey() !== "" ? undefined : await endSession(server);
}

/** Why the session could not be ended, if that is worth knowing. */
async function endSession(server: string): Promise<string | undefined> {
  const connection = connectTo(server);
  try {
    await connection.sessions.signOut({}, { timeoutMs: 15_000 });
    return undefined;
  } catch (error) {
    if (error instanceof ProblemsError) return undefined; // It had ended.
    const { code } = ConnectError.from(error);
    return code === Code.Unauthenticated
      ? undefined
      : "The server did not answer: its session remains until it expires, or until polyreel sessions revoke.";
  } finally {
    connection.close();
  }
}
