import { type Command, Option } from "commander";
import type { CommandContext } from "../command-context.js";
import type { UsageFlags } from "./show-usage.js";

export function registerUsage(program: Command, { config, terminal }: CommandContext): void {
  program
    .command("usage")
    .description("show what tenants used in a month, and their quotas")
    .option("-s, --server <url>", "the server (POLYREEL_SERVER)", config.serverUrl)
    .option("--month <month>", 'in UTC, such as "2026-11"; the present one by default')
    .option("--tenant <name>", "only this tenant's")
    .addOption(new Option("--json", "print JSON: an object a tenant").conflicts("csv"))
    .option("--csv", "print CSV, as for spreadsheets")
    .addHelpText("after", EXAMPLES)
    .action(async (flags: UsageFlags) => {
      const { showUsage } = await import("./show-usage.js");
      await showUsage(flags, terminal);
    });
}

const EXAMPLES = `
Examples:
  polyreel usage
  polyreel usage --month 2026-11 --csv > november.csv
  polyreel usage --tenant acme --json | jq .quotas
`;
