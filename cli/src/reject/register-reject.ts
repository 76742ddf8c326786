import type { Command } from "commander";
import type { ReworkFlags } from "../client/rework.js";
import type { CommandContext } from "../command-context.js";
import { withRework } from "../flags/rework-flags.js";

export function registerReject(program: Command, { config, terminal, exit }: CommandContext): void {
  const command = program.command("reject").description("drop combinations that wait for approval");
  withRework(command, config, "all that wait now")
    .option("--reason <text>", "why, for those who look at them later")
    .addHelpText("after", EXAMPLES)
    .action(
      async (batchId: string, combinationIds: string[], { reason, ...flags }: ReworkFlags & { reason?: string }) => {
        const { rework } = await import("../client/rework.js");
        const rejection = reason === undefined ? {} : { reason };
        exit(
          await rework(
            { batchId, combinationIds, ...flags, verb: "rejected" },
            ({ batches }, request, signal) => batches.rejectCombinations({ ...request, ...rejection }, { signal }),
            terminal,
          ),
        );
      },
    );
}

const EXAMPLES = `
What is rejected is not delivered; the manifest lists it with the reason. Its parts stay, so that it can be approved after all.

Examples:
  polyreel reject b4k2x7q ctmzx5mbqpox --reason "wrong logo"
  polyreel reject b4k2x7q --choice hook=flower
  polyreel reject b4k2x7q                        all that wait now
`;
