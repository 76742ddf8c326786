import { type BatchState, type CombinationState, combinationStates } from "@polyreel/contract";
import { type Command, Option } from "commander";
import type { CommandContext } from "../command-context.js";
import { exitCodes } from "../exit-codes.js";
import { BATCH_STATE_NAMES, parseBatchState } from "../flags/batch-states.js";
import { chosenCodes, type FailureCodeFlags, withFailureCodes } from "../flags/failure-codes.js";
import { type FilterFlags, parseState, withFilter } from "../flags/filter.js";
import { withLifetime } from "../flags/link-flags.js";
import { ProblemsError } from "../problem.js";

interface ListFlags extends Omit<FilterFlags, "state">, FailureCodeFlags {
  server: string;
  tenant?: string;
  name?: string;
  state?: string;
  sort?: string;
  json?: true;
  csv?: true;
  links?: true;
  lifetime?: number;
}

export function registerList(program: Command, { config, terminal }: CommandContext): void {
  const command = program
    .command("list")
    .description("list batches, the newest first, or a batch's combinations and how far they came; or sorted otherwise")
    .argument("[batchId]", "whose combinations: as submit printed it")
    .option("-s, --server <url>", "the server (POLYREEL_SERVER)", config.serverUrl)
    .option("--tenant <name>", "of batches: only this tenant's")
    .option("--name <text>", "of batches: only those whose name contains this, or whose id begins with it")
    .addOption(
      new Option("--state <state>", "only those in this state; awaiting: waiting for approval").choices([
        ...new Set([...Object.keys(combinationStates), ...Object.keys(BATCH_STATE_NAMES)]),
      ]),
    )
    .addOption(sortOption());
  withFailureCodes(withFilter(command))
    .option("--json", "one JSON object a line")
    .addOption(new Option("--csv", "of combinations: comma-separated values with a header").conflicts("json"))
    .option("--links", "of combinations: with signed links, which work for anyone who has them until they expire");
  withLifetime(command)
    .addHelpText("after", EXAMPLES)
    .action(
      async (
        batchId: string | undefined,
        { tenant, name, state, csv, links, lifetime, code, worthRetrying, ...flags }: ListFlags,
      ) => {
        const failureCodes = chosenCodes({ code, ...(worthRetrying && { worthRetrying }) });
        if (batchId === undefined) {
          if (csv || links || lifetime !== undefined || [...flags.choice, ...flags.output, ...failureCodes].length > 0)
            throw combinationFlags();
          const states: BatchState[] = state ? [parsed(state, parseBatchState)] : [];
          const { listBatches } = await import("./list-batches.js");
          return await listBatches({ ...flags, tenant, name, states }, terminal);
        }
        const only: { state?: CombinationState } = state ? { state: parsed(state, parseState) } : {};
        const { list } = await import("./list.js");
        await list({ ...flags, batchId, csv, links, lifetime, failureCodes, ...only }, terminal);
      },
    );
}

/** Rejects a batch state given for combinations, and vice versa. */
function parsed<T>(state: string, parse: (text: string) => T): T {
  try {
    return parse(state);
  } catch (error) {
    throw new ProblemsError([{ what: (error as Error).message }], exitCodes.usage);
  }
}

const combinationFlags = (): ProblemsError =>
  new ProblemsError(
    [
      {
        what: "--csv, --links, --lifetime, --choice, --output, --code and --worth-retrying are about a batch's combinations.",
        remedy: "Name the batch: polyreel list <batchId>.",
      },
    ],
    exitCodes.usage,
  );

const EXAMPLES = `
Examples:
  polyreel list
  polyreel list --state running --sort name
  polyreel list --name spring
  polyreel list b4k2x7q
  polyreel list b4k2x7q --state failed --sort ended_at:desc
  polyreel list b4k2x7q --worth-retrying          what a retry may mend
  polyreel list b4k2x7q --output poster --json    only the posters of each
  polyreel list b4k2x7q --state awaiting          what waits for approval, with where to play it
  polyreel list b4k2x7q --sort size:desc | head   the largest first
  polyreel list b4k2x7q --choice hook=flower --choice hook=friday --csv > some.csv
  polyreel show b4k2x7q ctmzx5mbqpox           all about one of them, by the id that list prints
  polyreel list b4k2x7q --json | jq -r .url      where players find them, written or virtual
  polyreel list b4k2x7q --csv --links > list.csv  a list to pass on, with a link to each for a day
`;

/** Fields that a server can sort by. The server checks which of them apply and can be combined. */
const FIELDS = ["ordinal", "state", "ended_at", "duration", "size", "submitted_at", "finished_at", "name"];

/** Passed to the server as is: "state, size desc". The form without spaces needs no quotes in a shell. */
const sortOption = (): Option =>
  new Option("--sort <fields>", 'by these, comma-separated, like "state,size:desc"; batches by one of the last three')
    .choices(FIELDS)
    .argParser((text: string) => text.replaceAll(/:(asc|desc)\b/g, " $1"));
