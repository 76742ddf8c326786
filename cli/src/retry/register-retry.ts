import type { Command } from "commander";
import type { ReworkFlags } from "../client/rework.js";
import type { CommandContext } from "../command-context.js";
import { chosenCodes, type FailureCodeFlags, withFailureCodes } from "../flags/failure-codes.js";
import { withRework } from "../flags/rework-flags.js";

interface RetryFlags extends ReworkFlags, FailureCodeFlags {
  file?: string;
}

export function registerRetry(program: Command, { config, terminal, exit }: CommandContext): void {
  const command = program.command("retry").description("work failed combinations of a batch again");
  withFailureCodes(withRework(command, config, "all that failed"))
    .option("--file <path>", "the batch file, if files were missing: where it is now (as it was submitted)")
    .addHelpText("after", EXAMPLES)
    .action(async (batchId: string, combinationIds: string[], flags: RetryFlags) => {
      const { retry } = await import("./retry.js");
      const { submittedFolder } = config;
      exit(
        await retry({ batchId, combinationIds, failureCodes: chosenCodes(flags), submittedFolder, ...flags }, terminal),
      );
    });
}

const EXAMPLES = `
URLs that could not be fetched are fetched again; files that were missing when the batch was submitted are sent if they
are there now. What was made is used again.

Examples:
  polyreel retry b4k2x7q --watch
  polyreel retry b4k2x7q --file spring/batch.yaml    from another machine, or if the batch file has moved
  polyreel retry b4k2x7q --worth-retrying            leaves out what would fail again
  polyreel retry b4k2x7q --code source_unavailable
  polyreel retry b4k2x7q --choice hook=flower
  polyreel retry b4k2x7q --output poster             only posters that failed
`;
