import { call } from "../client/call.js";
import { connectTo } from "../client/connection.js";
import { accessKey, credentialsFile } from "../config.js";
import { exitCodes } from "../exit-codes.js";
import { ProblemsError } from "../problem.js";
import type { Terminal } from "../terminal/terminal.js";
import { ask, canAsk, inputLines } from "./ask.js";
import { type Credentials, CredentialsFile } from "./credentials.js";
import { signedInAtProvider } from "./provider/sign-in-at-provider.js";
import { credentialsOf } from "./signed-in-token.js";
import { describeCaller } from "./who-am-i.js";

export interface LoginFlags {
  readonly server: string;
  readonly email?: string;
  readonly tokenStdin?: boolean;
  readonly provider?: string;
  readonly device?: boolean;
  /** Whether a browser may be opened. */
  readonly browser: boolean;
}

/** `polyreel login`. Returns the exit code. */
export async function login(flags: LoginFlags, terminal: Terminal): Promise<number> {
  if (accessKey() !== "") terminal.note("POLYREEL_KEY is set: commands use that key, and not this sign-in.\n");
  const credentials = flags.tokenStdin
    ? await tokenOf()
    : ((await signedInAtProvider(flags, terminal)) ?? (await signedIn(flags)));
  const connection = connectTo(flags.server, async () => credentials.accessToken);
  try {
    const caller = await call(connection, connection.access.getCaller({}));
    await new CredentialsFile(credentialsFile()).set(flags.server, credentials);
    terminal.note(`Signed in at ${connection.url} as ${describeCaller(caller)}.\n`);
    return exitCodes.delivered;
  } finally {
    connection.close();
  }
}

async function tokenOf(): Promise<Credentials> {
  const [accessToken = ""] = (await inputLines()).map((line) => line.trim()).filter((line) => line !== "");
  if (accessToken === "") throw usage("Standard input has no token.", "Write: polyreel login --token-stdin < token");
  return { accessToken };
}

async function signedIn({ server, email: given }: LoginFlags): Promise<Credentials> {
  if (!canAsk() && given === undefined)
    throw usage("Whose password is it?", "Name the address: polyreel login --email jane@studio.example < password");
  const email = given ?? (await ask("Email address: "));
  const password = canAsk() ? await ask("Password: ", { hidden: true }) : ((await inputLines())[0] ?? "");
  const connection = connectTo(server, async () => undefined);
  try {
    const client = `polyreel on ${process.platform}`;
    const { tokens, session } = await call(connection, connection.sessions.signIn({ email, password, client }));
    if (!tokens) throw new Error("the server returned no tokens");
    return { ...credentialsOf(tokens), name: session?.email ?? email };
  } finally {
    connection.close();
  }
}

const usage = (what: string, remedy: string): ProblemsError => new ProblemsError([{ what, remedy }], exitCodes.usage);
