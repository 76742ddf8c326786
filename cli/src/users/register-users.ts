import { Argument, type Command, Option } from "commander";
import type { CommandContext } from "../command-context.js";
import type { UsersFlags } from "./users.js";

const ACTIONS = ["create", "list", "update", "remove", "reset-password", "set-password"];

export function registerUsers(program: Command, { config, terminal, exit }: CommandContext): void {
  program
    .command("users")
    .description("manage the people who can sign in at a server")
    .addArgument(new Argument("<action>", "what to do").choices(ACTIONS))
    .argument("[who]", "email address; set-password: the token, or nothing for your own")
    .option("-s, --server <url>", "the server (POLYREEL_SERVER)", config.serverUrl)
    .addOption(
      new Option("--role <role>", "create, update: what they may do").choices([
        "viewer",
        "editor",
        "admin",
        "operator",
      ]),
    )
    .option("--tenant <name>", "create: whose data they reach; list: only this tenant's")
    .option("--name <name>", "create, update: their name")
    .option("--disable", "update: they can no longer sign in")
    .option("--enable", "update: they can again")
    .option("--json", "print JSON: an object a user")
    .addHelpText("after", EXAMPLES)
    .action(async (action: string, who: string | undefined, flags: UsersFlags) => {
      const { users } = await import("./users.js");
      exit(await users(action, who ?? "", flags, terminal));
    });
}

const EXAMPLES = `
A new user gets a token, which you pass on: by it, the person sets a password, once. No mail is sent.

Examples:
  polyreel users create jane@studio.example --role editor --tenant acme
  polyreel users set-password set_5d41402abc4b2a76b9719d91_...
  polyreel users update jane@studio.example --disable
  polyreel users list --json
`;
