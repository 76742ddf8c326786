import type { Command } from "commander";
import type { ReworkFlags } from "../client/rework.js";
import type { CommandContext } from "../command-context.js";
import { withRework } from "../flags/rework-flags.js";

export function registerApprove(program: Command, { config, terminal, exit }: CommandContext): void {
  const command = program.command("approve").description("have combinations delivered that wait for approval");
  withRework(command, config, "all that wait now")
    .addHelpText("after", EXAMPLES)
    .action(async (batchId: string, combinationIds: string[], flags: ReworkFlags) => {
      const { rework } = await import("../client/rework.js");
      exit(
        await rework(
          { batchId, combinationIds, ...flags, verb: "approved" },
          ({ batches }, asked, signal) => batches.approveCombinations(asked, { signal }),
          terminal,
        ),
      );
    });
}

const EXAMPLES = `
Batches with \`approve: true\` deliver nothing before that. \`polyreel list <batch id> --state awaiting\` prints where to play
them. One that was rejected is approved after all by its id.

Examples:
  polyreel approve b4k2x7q ctmzx5mbqpox dw4lq2pgh3ya
  polyreel approve b4k2x7q --choice hook=flower
  polyreel approve b4k2x7q --watch               all that wait now; stays until they are delivered
`;
