import type { Command } from "commander";
import type { CommandContext } from "../command-context.js";
import { parseMoment } from "../flags/moment.js";
import type { AuditFlags } from "./print-audit.js";

export function registerAudit(program: Command, { config, terminal, exit }: CommandContext): void {
  program
    .command("audit")
    .description("print who did what on a server, the newest first")
    .option("-s, --server <url>", "the server (POLYREEL_SERVER)", config.serverUrl)
    .option("--since <time>", "only from then on: 2026-05-01T12:00, or 1d for a day ago", parseMoment)
    .option("--until <time>", "only what was done before", parseMoment)
    .option("--tenant <name>", "only what concerns this tenant's data")
    .option("--who <principal>", 'only by this one: id or name of a key, or a kind such as "broker"')
    .option("--action <action>", 'only this action, such as "CancelBatch" or "PUT /sources/*"')
    .option("--object <id>", "only what concerns this batch, source, key ...")
    .option("--outcome <code>", '"ok", "refused", or a code such as "permission_denied"')
    .option("-n, --limit <count>", "at most as many", Number)
    .option("-f, --follow", "print what is done from now on, the oldest first, until Ctrl-C")
    .option("--json", "one JSON object a line")
    .addHelpText("after", EXAMPLES)
    .action(async (flags: AuditFlags & { readonly server: string }) => {
      const { audit } = await import("./print-audit.js");
      exit(await audit(flags, terminal));
    });
}

const EXAMPLES = `
Needs an administrator's key, for its tenant, or an operator's, for all. GET /audit.csv and /audit.jsonl export the log.

Examples:
  polyreel audit --since 1d
  polyreel audit --object b4k2x7q                  who did what to a batch
  polyreel audit --who "render farm" --outcome refused
  polyreel audit --action DeleteBatch --json
  polyreel audit --follow
`;
