import type { Command } from "commander";
import type { CommandContext } from "../command-context.js";
import type { NatsConfigFlags } from "./nats-config.js";

export function registerNatsConfig(program: Command, { terminal, exit }: CommandContext): void {
  program
    .command("nats-config")
    .description("write a configuration of nats-server with a user for each service")
    .requiredOption("-o, --out <folder>", "where to write it")
    .option("--jobs <tenant...>", 'also a user that publishes the jobs of each of these tenants; "default" is one')
    .option("--tls", "also certificates: of an authority, the server, and each user")
    .option("--host <name...>", "names and addresses of the server, for its certificate (localhost 127.0.0.1)")
    .option("--at <folder>", "the folder as the server finds it, if another one (--out)")
    .addHelpText("after", EXAMPLES)
    .action(async (flags: NatsConfigFlags) => {
      const { natsConfig } = await import("./nats-config.js");
      exit(await natsConfig(flags, terminal));
    });
}

const EXAMPLES = `
Run it again after an upgrade, for other tenants, and to renew certificates that end within two months: what exists is
kept, but for accounts.conf. To replace a key, remove its file first. Then have nats-server read its configuration again.

Examples:
  polyreel nats-config --out nats
  polyreel nats-config --out nats --jobs shop agency
  polyreel nats-config --out nats --tls --host nats.internal --at /etc/nats
`;
