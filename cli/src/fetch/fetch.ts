import { CombinationState, type CombinationStatus } from "@polyreel/contract";
import { combinationsOf } from "../client/combinations.js";
import { connectTo } from "../client/connection.js";
import { exitCodes } from "../exit-codes.js";
import type { FilterFlags } from "../flags/filter.js";
import { openFolder } from "../folder.js";
import { interruptible } from "../interrupt.js";
import { ProblemsError } from "../problem.js";
import { counted } from "../terminal/numbers.js";
import type { Terminal } from "../terminal/terminal.js";
import { fetchFile } from "./fetch-file.js";

export interface FetchOptions extends FilterFlags {
  batchId: string;
  /** All that have an output in one of the states where empty. */
  combinationIds: readonly string[];
  server: string;
  out: string;
  quiet?: boolean | undefined;
}

/** Copies delivered outputs from a server; gives the exit code. A file is there whole or not at all. */
export async function fetchOutputs(options: FetchOptions, terminal: Terminal): Promise<number> {
  const { batchId, choice, output, combinationIds, out, quiet, state = CombinationState.DELIVERED } = options;
  const connection = connectTo(options.server);
  const folder = await openFolder(out, "--out");
  try {
    return await interruptible(terminal, async (signal) => {
      const wanted = new Set(combinationIds);
      let fetched = 0;
      // In any state: of a combination that failed some outputs may be delivered.
      const asked = { batchId, choices: choice, outputs: output };
      const isNamed = combinationIds.length > 0;
      const states = isNamed ? FETCHED : new Set([state]);
      for await (const one of combinationsOf(connection, asked, signal)) {
        const names = outputsIn(states, one);
        if (names.length === 0 || (isNamed && !wanted.delete(one.id))) continue;
        for (const name of names) {
          const file = await fetchFile(
            connection,
            { batchId, combinationId: one.id, output: name },
            folder.path,
            signal,
          );
          fetched++;
          if (!quiet) terminal.note(`${file}\n`);
        }
      }
      if (wanted.size > 0) throw notDelivered([...wanted]);
      await terminal.print(`${counted(fetched, "file")} in ${folder.path}\n`);
      return exitCodes.delivered;
    });
  } finally {
    connection.close();
    await folder.removeIfUnused();
  }
}

/** Those that wait for approval are laid out, and served as they would be written. */
const FETCHED: ReadonlySet<CombinationState> = new Set([
  CombinationState.DELIVERED,
  CombinationState.AWAITING_APPROVAL,
]);

/** Names of the outputs that are in one of these states, in whichever destination: their bytes are the same in all. */
const outputsIn = (states: ReadonlySet<CombinationState>, { outputs }: CombinationStatus): string[] => [
  ...new Set(outputs.flatMap(({ name, state }) => (states.has(state) ? name : []))),
];

const notDelivered = (ids: readonly string[]): ProblemsError =>
  new ProblemsError(
    ids.map((id) => ({
      what: `Combination ${id} is neither delivered nor waiting for approval.`,
      remedy: "`polyreel list` shows them and their state.",
    })),
    exitCodes.usage,
  );
