import { Argument, type Command, Option } from "commander";
import type { CommandContext } from "../command-context.js";
import type { WebhooksFlags } from "./webhooks.js";

export function registerWebhooks(program: Command, { config, terminal, exit }: CommandContext): void {
  program
    .command("webhooks")
    .description("list the notifications of a server, test receivers, and send notifications again")
    .addArgument(new Argument("<action>", "what to do").choices(["list", "test", "resend", "secret"]))
    .argument("[what...]", "list: a batch id; test: a batch id, URL or e-mail address; resend: ids of notifications")
    .option("-s, --server <url>", "the server (POLYREEL_SERVER)", config.serverUrl)
    .addOption(
      new Option("--state <state>", "list: only those in this state").choices(["waiting", "sent", "failed", "stopped"]),
    )
    .option("--secret <name>", "test: name of the secret that signs it", "default")
    .option("--tenant <name>", "list: only this tenant's; test: with its secrets")
    .option("--json", "print JSON: an object a notification or receiver")
    .addHelpText("after", EXAMPLES)
    .action(async (action: string, what: string[], flags: WebhooksFlags) => {
      const { webhooks } = await import("./webhooks.js");
      exit(await webhooks(action, what, flags, terminal));
    });
}

const EXAMPLES = `
Batches name receivers under notify: [{webhook: {url: "https://example.com/hook"}}, {email: {to: [ads@example.com]}}]
See docs/guide/notifications.md. \`secret\` prints a new secret for POLYREEL_WEBHOOK_SECRETS, and needs no server.

Examples:
  polyreel webhooks list b4k2x7q
  polyreel webhooks list --state failed --json
  polyreel webhooks test https://example.com/hook
  polyreel webhooks test b4k2x7q                      everybody who is notified of the batch
  polyreel webhooks resend ntf_9b0d7a51c2
  polyreel webhooks secret
`;
