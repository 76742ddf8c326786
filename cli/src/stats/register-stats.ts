import type { Command } from "commander";
import type { CommandContext } from "../command-context.js";

interface StatsFlags {
  server: string;
  tenant?: string;
  json?: true;
}

export function registerStats(program: Command, { config, terminal }: CommandContext): void {
  program
    .command("stats")
    .description("show what a server has done, what waits, and how long things take")
    .option("-s, --server <url>", "the server (POLYREEL_SERVER)", config.serverUrl)
    .option("--tenant <name>", "only this tenant's")
    .option("--json", "print one JSON object")
    .addHelpText("after", "\nExamples:\n  polyreel stats\n  polyreel stats --json | jq .today\n")
    .action(async (flags: StatsFlags) => {
      const { showStats } = await import("./show-stats.js");
      await showStats(flags, terminal);
    });
}
