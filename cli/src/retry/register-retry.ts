import type { Command } from "commander";
import type { ReworkFlags } from "../client/rework.js";
import type { CommandContext } from "../command-context.js";
import { chosenCodes, type FailureCodeFlags, withFailureCodes } from "../flags/failure-codes.js";
import { withRework } from "../flags/rework-flags.js";

export function registerRetry(program: Command, { config, terminal, exit }: CommandContext): void {
  const command = program.command("retry").description("work failed combinations of a batch again");
  withFailureCodes(withRework(command, config, "all that failed"))
    .addHelpText("after", EXAMPLES)
    .action(async (batchId: string, combinationIds: string[], flags: ReworkFlags & FailureCodeFlags) => {
      const { rework } = await import("../client/rework.js");
      const failureCodes = chosenCodes(flags);
      const options = { batchId, combinationIds, ...flags };
      exit(
        await rework(
          options,
          (batches, request, signal) => batches.retryBatch({ ...request, failureCodes }, { signal }),
          terminal,
        ),
      );
    });
}

const EXAMPLES = `
URLs that could not be fetched are fetched again; what was made is used again. Local files are read by submit only: if
one was missing, submit the batch file again, which also reuses what was made.

Examples:
  polyreel retry b4k2x7q --watch
  polyreel retry b4k2x7q --worth-retrying        leaves out what would fail again
  polyreel retry b4k2x7q --code source_unavailable
  polyreel retry b4k2x7q --choice hook=flower
  polyreel retry b4k2x7q --output poster         only posters that failed
`;
