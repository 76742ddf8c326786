import type { Command } from "commander";
import type { CommandContext } from "../command-context.js";

export function registerDelete(program: Command, { config, terminal }: CommandContext): void {
  program
    .command("delete")
    .description("remove a batch that has ended: its videos, and what was made for it alone")
    .argument("<batchId>", "as submit printed it")
    .option("-s, --server <url>", "the server (POLYREEL_SERVER)", config.serverUrl)
    .addHelpText("after", EXAMPLES)
    .action(async (batchId: string, { server }: { server: string }) => {
      const { deleteBatch } = await import("./delete-batch.js");
      await deleteBatch({ batchId, server }, terminal);
    });
}

const EXAMPLES = `
Sources stay, and so does what other batches use. A batch that is still at work is cancelled first; one that another batch
continues can be deleted after that. For many at once, and old ones, see polyreel cleanup.

Examples:
  polyreel delete b4k2x7q
  polyreel list --state cancelled --json | jq -r .batchId | xargs -n 1 polyreel delete
`;
