import type { Command } from "commander";
import type { CommandContext } from "../command-context.js";

interface FailuresFlags {
  server: string;
  json?: true;
}

export function registerFailures(program: Command, { config, terminal }: CommandContext): void {
  program
    .command("failures")
    .description("show why combinations of a batch failed: each cause once, with how many it concerns and the remedy")
    .argument("<batchId>", "as submit printed it")
    .option("-s, --server <url>", "the server (POLYREEL_SERVER)", config.serverUrl)
    .option("--json", "one JSON object a line")
    .addHelpText("after", EXAMPLES)
    .action(async (batchId: string, flags: FailuresFlags) => {
      const { showFailures } = await import("./show-failures.js");
      await showFailures({ batchId, ...flags }, terminal);
    });
}

const EXAMPLES = `
Examples:
  polyreel failures b4k2x7q
  polyreel failures b4k2x7q --json | jq 'select(.worthRetrying)'
  polyreel retry b4k2x7q --choice hook=flower --code source_unavailable    what failed for one of the causes
`;
