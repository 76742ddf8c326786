import type { Command } from "commander";
import type { CommandContext } from "../command-context.js";
import { withLifetime } from "../flags/link-flags.js";

interface ShowFlags {
  server: string;
  json?: true;
  lifetime?: number;
}

export function registerShow(program: Command, { config, terminal }: CommandContext): void {
  const command = program
    .command("show")
    .description("show how far one combination is, and what became of it: step, failure, warnings, file and link")
    .argument("<batchId>", "as submit printed it")
    .argument("<combinationId>", "as list prints it")
    .option("-s, --server <url>", "the server (POLYREEL_SERVER)", config.serverUrl)
    .option("--json", "print one JSON object");
  withLifetime(command)
    .addHelpText("after", EXAMPLES)
    .action(async (batchId: string, combinationId: string, flags: ShowFlags) => {
      const { show } = await import("./show.js");
      await show({ batchId, combinationId, ...flags }, terminal);
    });
}

const EXAMPLES = `
Examples:
  polyreel show b4k2x7q ctmzx5mbqpox
  polyreel show b4k2x7q ctmzx5mbqpox --json | jq '.outputs[0].percent'
  polyreel list b4k2x7q --state failed            the ids of combinations to look at
`;
