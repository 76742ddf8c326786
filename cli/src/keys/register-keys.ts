import { Argument, type Command, Option } from "commander";
import type { CommandContext } from "../command-context.js";
import type { KeysFlags } from "./keys.js";

export function registerKeys(program: Command, { config, terminal, exit }: CommandContext): void {
  program
    .command("keys")
    .description("make, list and revoke the keys that a server asks callers for")
    .addArgument(new Argument("<action>", "what to do").choices(["create", "list", "revoke"]))
    .argument("[what...]", "create: what the key is for; revoke: ids of keys")
    .option("-s, --server <url>", "the server (POLYREEL_SERVER)", config.serverUrl)
    .addOption(
      new Option("--role <role>", "create: what it permits")
        .choices(["viewer", "editor", "admin", "operator"])
        .default("editor"),
    )
    .option("--tenant <name>", "create: whose data it reaches; list: only this tenant's")
    .option("--expires <span>", 'create: how long it lasts, such as "90d"')
    .option("--json", "print JSON: an object a key")
    .addHelpText("after", EXAMPLES)
    .action(async (action: string, what: string[], flags: KeysFlags) => {
      const { keys } = await import("./keys.js");
      exit(await keys(action, what, flags, terminal));
    });
}

const EXAMPLES = `
Servers with POLYREEL_AUTH=required ask for keys; this command line shows the one in POLYREEL_KEY. Each role may do what those
before it may: viewer (reads and downloads), editor (submits and approves), admin (deletes, keys), operator (all tenants).

Examples:
  polyreel keys create "render farm" --expires 90d
  polyreel keys create "agency, read only" --role viewer --tenant acme
  polyreel keys list --json
  polyreel keys revoke 3f9c0a7b12d4e586
`;
