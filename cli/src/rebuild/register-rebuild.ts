import type { Command } from "commander";
import type { CommandContext } from "../command-context.js";

interface RebuildFlags {
  server: string;
  quiet?: true;
}

export function registerRebuild(program: Command, { config, terminal, exit }: CommandContext): void {
  program
    .command("rebuild")
    .description("let a server read all its facts again, where what it knows of batches seems wrong")
    .option("-s, --server <url>", "the server (POLYREEL_SERVER)", config.serverUrl)
    .option("-q, --quiet", "show no progress")
    .addHelpText("after", EXAMPLES)
    .action(async (flags: RebuildFlags) => {
      const { rebuild } = await import("./rebuild.js");
      exit(await rebuild(flags, terminal));
    });
}

const EXAMPLES = `
Nothing is made, delivered or published again. What the event stream no longer holds is forgotten. Work goes on meanwhile;
questions about batches are refused until it is done.

Examples:
  polyreel rebuild
`;
