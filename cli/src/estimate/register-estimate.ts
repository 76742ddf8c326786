import type { Command } from "commander";
import type { CommandContext } from "../command-context.js";
import { withBatchFile, withSample, withServerOrStore } from "../flags/batch-flags.js";

interface EstimateFlags {
  server?: string;
  store: string;
  sample?: number;
  continue?: string;
  json?: true;
}

export function registerEstimate(program: Command, { config, terminal, exit }: CommandContext): void {
  const command = program
    .command("estimate")
    .description("show what a batch would cost and produce, and what would fail; nothing is made");
  withSample(withServerOrStore(withBatchFile(command), config))
    .option("--continue <batchId>", "what a server's sample of the same batch left out")
    .option("--json", "print one JSON object")
    .addHelpText("after", EXAMPLES)
    .action(async (file: string, flags: EstimateFlags) => {
      const { estimateCommand } = await import("./estimate-command.js");
      exit(await estimateCommand({ file, ...flags, presetsFile: config.presetsFile }, terminal));
    });
}

const EXAMPLES = `
Examples:
  polyreel estimate batch.yaml
  polyreel estimate batch.yaml --json | jq .predictedSeconds
  polyreel estimate batch.yaml && polyreel render batch.yaml     # only if every combination can succeed
  polyreel estimate batch.yaml --server http://render.example:8080
`;
