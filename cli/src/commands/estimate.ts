import type { Command } from "commander";
import type { CommandContext } from "./context.js";
import { parseCount } from "./count.js";

interface EstimateFlags {
  server?: string;
  store: string;
  sample?: number;
  continue?: string;
  json?: true;
}

export function registerEstimate(program: Command, { config, terminal, exit }: CommandContext): void {
  program
    .command("estimate")
    .description("tell what a batch would take and give; nothing is made")
    .argument("<batch.yaml>", "the batch file")
    .option("-s, --server <url>", "by what a server has; by what is here where left out")
    .option("--store <folder>", "where sources and parts are kept", config.storeFolder)
    .option("--sample <count>", "only so many of its combinations, drawn at random", parseCount)
    .option("--continue <batchId>", "what a server's sample of the same batch left out")
    .option("--json", "print one JSON object")
    .addHelpText("after", EXAMPLES)
    .action(async (file: string, flags: EstimateFlags) => {
      const { estimateCommand } = await import("../estimate/estimate-command.js");
      exit(await estimateCommand({ file, ...flags }, terminal));
    });
}

const EXAMPLES = `
Examples:
  polyreel estimate batch.yaml
  polyreel estimate batch.yaml --json | jq .outputBytes
  polyreel estimate batch.yaml --server http://render.example:8080
`;
