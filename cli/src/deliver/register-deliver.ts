import type { Command } from "commander";
import type { ReworkFlags } from "../client/rework.js";
import type { CommandContext } from "../command-context.js";
import { type FolderFlags, toFolder, withFolderFlags, withTo } from "../flags/folder-flag.js";
import { withRework } from "../flags/rework-flags.js";

export function registerDeliver(program: Command, { config, terminal, exit }: CommandContext): void {
  const command = program.command("deliver").description("have a server write videos of a batch, again or elsewhere");
  withRework(command, config, "all that are laid out");
  withFolderFlags(withTo(command))
    .addHelpText("after", EXAMPLES)
    .action(
      async (
        batchId: string,
        combinationIds: string[],
        { to, overwrite, prune, ...flags }: ReworkFlags & FolderFlags & { to?: string },
      ) => {
        const { rework } = await import("../client/rework.js");
        const options = { batchId, combinationIds, ...flags };
        exit(
          await rework(
            options,
            ({ batches }, request, signal) =>
              batches.deliverCombinations({ ...request, ...toFolder({ to, overwrite, prune }) }, { signal }),
            terminal,
          ),
        );
      },
    );
}

const EXAMPLES = `
Virtual videos become files. To copy videos from a server to here, see polyreel fetch.

Examples:
  polyreel deliver b4k2x7q ctmzx5mbqpox dw4lq2pgh3ya
  polyreel deliver b4k2x7q --choice speaker=rms --to best/rms --watch
  polyreel deliver b4k2x7q --to @archive/spring
`;
