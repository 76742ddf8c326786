import { Argument, type Command } from "commander";
import type { CommandContext } from "../command-context.js";
import type { SessionsFlags } from "./sessions.js";

export function registerSessions(program: Command, { config, terminal, exit }: CommandContext): void {
  program
    .command("sessions")
    .description("list and end the sessions of people who signed in, and rotate the key that signs their tokens")
    .addArgument(new Argument("<action>", "what to do").choices(["list", "revoke", "rotate-key"]))
    .argument("[id...]", "revoke: ids of sessions")
    .option("-s, --server <url>", "the server (POLYREEL_SERVER)", config.serverUrl)
    .option("--user <address>", "list: only those of this user")
    .option("--json", "print JSON: an object a session")
    .addHelpText("after", EXAMPLES)
    .action(async (action: string, ids: string[], flags: SessionsFlags) => {
      const { sessions } = await import("./sessions.js");
      exit(await sessions(action, ids, flags, terminal));
    });
}

const EXAMPLES = `
People see and end their own sessions, administrators those of their tenant.

Examples:
  polyreel sessions list
  polyreel sessions revoke 5d41402abc4b2a76b9719d911017c592
`;
