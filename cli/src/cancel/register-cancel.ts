import type { Command } from "commander";
import type { CommandContext } from "../command-context.js";

export function registerCancel(program: Command, { config, terminal }: CommandContext): void {
  program
    .command("cancel")
    .description("stop what a batch has not delivered yet")
    .argument("<batchId>", "as submit printed it")
    .option("-s, --server <url>", "the server (POLYREEL_SERVER)", config.serverUrl)
    .addHelpText("after", "\nExamples:\n  polyreel cancel b4k2x7q\n")
    .action(async (batchId: string, { server }: { server: string }) => {
      const { cancel } = await import("./cancel.js");
      await cancel({ batchId, server }, terminal);
    });
}
