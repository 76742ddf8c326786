import type { Command } from "commander";
import type { CommandContext } from "../command-context.js";

interface WatchFlags {
  server: string;
  json?: true;
  quiet?: true;
}

export function registerWatch(program: Command, { config, terminal, exit }: CommandContext): void {
  program
    .command("watch")
    .description("show how far a batch is, until it has ended or waits for approval")
    .argument("<batchId>", "as submit printed it")
    .option("-s, --server <url>", "the server (POLYREEL_SERVER)", config.serverUrl)
    .option("--json", "end with one JSON object on standard output")
    .option("-q, --quiet", "show no progress")
    .addHelpText("after", EXAMPLES)
    .action(async (batchId: string, flags: WatchFlags) => {
      const { watch } = await import("./watch.js");
      exit(await watch({ batchId, ...flags }, terminal));
    });
}

const EXAMPLES = `
Ctrl-C ends the watching, not the batch.

Examples:
  polyreel watch b4k2x7q
  polyreel watch b4k2x7q --json --quiet
`;
