import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { ReworkFrom } from "@polyreel/contract";
import { type Command, Option } from "commander";
import type { ReworkFlags } from "../client/rework.js";
import type { CommandContext } from "../command-context.js";
import { type FolderFlags, toFolder, withFolderFlags, withTo } from "../flags/folder-flag.js";
import { parseMoment } from "../flags/moment.js";
import { withRework } from "../flags/rework-flags.js";

const STEPS = { plan: ReworkFrom.PLAN, planned: ReworkFrom.PLANNED, rendered: ReworkFrom.RENDERED } as const;

interface ReplayFlags extends ReworkFlags, FolderFlags {
  from?: keyof typeof STEPS;
  since?: Date;
  until?: Date;
  to?: string;
  force?: true;
  respeak?: true;
}

export function registerReplay(program: Command, { config, terminal, exit }: CommandContext): void {
  const command = program
    .command("replay")
    .description("work combinations of a batch again from one of their messages");
  const steps = new Option(
    "--from <step>",
    "from the plan, from where they were planned (the default), or from where they were rendered",
  );
  withRework(command, config, "all of them")
    .addOption(steps.choices(Object.keys(STEPS)))
    .option(
      "--since <time>",
      "only what was published then or later: 2026-05-01T12:00, or 2h for two hours ago",
      parseMoment,
    )
    .option("--until <time>", "only what was published before", parseMoment)
    .option("--force", "rebuild the parts even if the store has them; speech that cannot be made again stays")
    .option(
      "--respeak",
      "speak lines anew whose voices speak a text differently each time, from the plan: it may cost",
    );
  withFolderFlags(withTo(command))
    .addHelpText("after", EXAMPLES)
    .action(async (batchId: string, combinationIds: string[], given: ReplayFlags) => {
      const { from, since, until, to, force = false, respeak = false, overwrite, prune, ...flags } = given;
      const { rework } = await import("../client/rework.js");
      const what = {
        from: from ? STEPS[from] : ReworkFrom.UNSPECIFIED,
        ...{ force, respeak },
        ...(since && { since: timestampFromDate(since) }),
        ...(until && { until: timestampFromDate(until) }),
        ...toFolder({ to, overwrite, prune }),
      };
      const options = { batchId, combinationIds, ...flags };
      exit(
        await rework(
          options,
          ({ batches }, request, signal) => batches.replayBatch({ ...request, ...what }, { signal }),
          terminal,
        ),
      );
    });
}

const EXAMPLES = `
Each combination is another attempt, with a trace of its own. What this batch
delivered to its destination before is written over.

Examples:
  polyreel replay b4k2x7q --watch
  polyreel replay b4k2x7q --from rendered --to again
  polyreel replay b4k2x7q --since 2h --choice hook=flower
  polyreel replay b4k2x7q ctmzx5mbqpox --force
  polyreel replay b4k2x7q ctmzx5mbqpox --respeak
`;
