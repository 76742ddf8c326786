import type { Command } from "commander";
import type { CommandContext } from "../command-context.js";

interface StatsFlags {
  server: string;
  tenant?: string;
  byChoice?: string;
  json?: true;
}

export function registerStats(program: Command, { config, terminal }: CommandContext): void {
  program
    .command("stats")
    .description("show what a server has done, what waits, and how long things take")
    .option("-s, --server <url>", "the server (POLYREEL_SERVER)", config.serverUrl)
    .option("--tenant <name>", "only this tenant's")
    .option("--by-choice <batchId>", "of one batch: its combinations by block, choice and state")
    .option("--json", "print one JSON object")
    .addHelpText(
      "after",
      "\nExamples:\n  polyreel stats\n  polyreel stats --json | jq .today\n  polyreel stats --by-choice b4k2x7q\n",
    )
    .action(async ({ byChoice, ...flags }: StatsFlags) => {
      if (byChoice !== undefined) {
        const { showChoiceCounts } = await import("./show-choice-counts.js");
        return await showChoiceCounts({ ...flags, batchId: byChoice }, terminal);
      }
      const { showStats } = await import("./show-stats.js");
      await showStats(flags, terminal);
    });
}
