import type { SignInProvider } from "@polyreel/contract";
import { nearest } from "@polyreel/spec";
import { call } from "../../client/call.js";
import { connectTo } from "../../client/connection.js";
import { exitCodes } from "../../exit-codes.js";
import { interruptible } from "../../interrupt.js";
import { ProblemsError } from "../../problem.js";
import type { Terminal } from "../../terminal/terminal.js";
import type { Credentials } from "../credentials.js";
import type { LoginFlags } from "../login.js";
import { credentialsOfProvider } from "./provider-client.js";

/** Credentials of the provider that a person chose, or of the server's only one; undefined for a sign-in by password. */
export async function signedInAtProvider(flags: LoginFlags, terminal: Terminal): Promise<Credentials | undefined> {
  if (flags.email !== undefined) return undefined;
  const provider = chosen(await providersOf(flags.server), flags);
  if (!provider) return undefined;
  let credentials: Credentials | undefined;
  await interruptible(terminal, async (signal) => {
    const tokens = flags.device
      ? (await import("./device-flow.js")).signInByDevice(provider, terminal, signal)
      : (await import("./code-flow.js")).signInByBrowser(provider, flags, terminal, signal);
    credentials = credentialsOfProvider(provider, await tokens);
    return exitCodes.delivered;
  });
  if (credentials) return credentials;
  throw new ProblemsError([{ what: "Nobody signed in.", remedy: "Run polyreel login again." }], exitCodes.interrupted);
}

async function providersOf(server: string): Promise<SignInProvider[]> {
  const connection = connectTo(server, async () => undefined);
  try {
    const { required, providers } = await call(connection, connection.access.getSignInMethods({}));
    if (!required) throw usage("This server asks nobody who is calling.", "Go on without signing in.");
    return providers.filter(({ clientId }) => clientId !== "");
  } finally {
    connection.close();
  }
}

function chosen(providers: readonly SignInProvider[], { provider, device }: LoginFlags): SignInProvider | undefined {
  const names = providers.map(({ name }) => name);
  if (provider === undefined) {
    const [only, another] = providers;
    if (another) throw usage("The server has several providers.", `Name one: --provider ${names.join(", ")}.`);
    if (!only && device) throw usage("--device is for providers, and the server has none.", "Leave it out.");
    return only;
  }
  const found = providers.find(({ name }) => name === provider);
  if (found) return found;
  const near = nearest(provider, names);
  const others = names.length > 0 ? `Those of the server: ${names.join(", ")}.` : "The server has none.";
  throw usage(`There is no provider "${provider}".`, near ? `Did you mean "${near}"?` : others);
}

const usage = (what: string, remedy: string): ProblemsError => new ProblemsError([{ what, remedy }], exitCodes.usage);
