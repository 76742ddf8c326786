import type { Command } from "commander";
import type { CommandContext } from "../command-context.js";

export function registerSpec(program: Command, { config, terminal }: CommandContext): void {
  program
    .command("spec")
    .description(
      "print what a batch was asked for, with every default, as JSON of the API; keys in addresses are removed",
    )
    .argument("<batchId>", "as submit printed it")
    .option("-s, --server <url>", "the server (POLYREEL_SERVER)", config.serverUrl)
    .addHelpText("after", EXAMPLES)
    .action(async (batchId: string, { server }: { server: string }) => {
      const { printSpec } = await import("./print-spec.js");
      await printSpec({ batchId, server }, terminal);
    });
}

const EXAMPLES = `
Examples:
  polyreel spec b4k2x7q
  polyreel spec b4k2x7q | jq '.blocks[].name'
`;
