import { Argument, type Command } from "commander";
import type { CommandContext } from "../command-context.js";
import type { SecretsFlags } from "./secrets.js";

export function registerSecrets(program: Command, { config, terminal, exit }: CommandContext): void {
  program
    .command("secrets")
    .description(
      "set, list, remove and rotate the encrypted keys of destinations, buckets, voice providers and webhooks",
    )
    .addArgument(new Argument("<action>", "what to do").choices(["set", "list", "remove", "rotate", "keygen"]))
    .argument("[name]", "set, remove: the secret's name")
    .option("-s, --server <url>", "the server (POLYREEL_SERVER)", config.serverUrl)
    .option("--tenant <name>", "set, remove: a secret of this tenant; list: only this tenant's")
    .option("--json", "print JSON: an object a secret")
    .addHelpText("after", EXAMPLES)
    .action(async (action: string, name: string | undefined, flags: SecretsFlags) => {
      const { secrets } = await import("./secrets.js");
      exit(await secrets(action, name, flags, terminal));
    });
}

const EXAMPLES = `
A value is read from standard input, or from the terminal without showing it; no argument has it, which other users of this
machine could see. No command prints it. Configuration files name a secret "secret:NAME", or "secret:TENANT/NAME".
\`keygen\` prints a new master key for POLYREEL_SECRET_KEYS_FILE, and needs no server. See docs/guide/secrets.md.

Examples:
  polyreel secrets keygen >> secret-keys
  polyreel secrets set ads --tenant acme < ads-keys
  polyreel secrets set eleven
  polyreel secrets list
  polyreel secrets remove ads --tenant acme
  polyreel secrets rotate
`;
