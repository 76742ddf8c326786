import type { Command } from "commander";
import type { ReworkFlags } from "../client/rework.js";
import type { CommandContext } from "./context.js";
import { withRework } from "./rework-flags.js";

export function registerRetry(program: Command, { config, terminal, exit }: CommandContext): void {
  const command = program.command("retry").description("work failed combinations of a batch again");
  withRework(command, config, "all that failed")
    .addHelpText("after", EXAMPLES)
    .action(async (batchId: string, combinationIds: string[], flags: ReworkFlags) => {
      const { rework } = await import("../client/rework.js");
      const options = { batchId, combinationIds, ...flags };
      exit(await rework(options, (batches, asked, signal) => batches.retryBatch(asked, { signal }), terminal));
    });
}

const EXAMPLES = `
Sources that could not be fetched are fetched again; what was made is used again.

Examples:
  polyreel retry b4k2x7q --watch
  polyreel retry b4k2x7q --choice hook=flower
`;
