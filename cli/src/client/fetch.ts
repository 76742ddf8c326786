import { CombinationState, type CombinationStatus } from "@polyreel/contract";
import type { FilterFlags } from "../commands/filter.js";
import { exitCodes } from "../exit-codes.js";
import { openFolder } from "../folder.js";
import { interruptible } from "../interrupt.js";
import { ProblemsError } from "../problem.js";
import { counted } from "../terminal/numbers.js";
import type { Terminal } from "../terminal/terminal.js";
import { combinationsOf } from "./combinations.js";
import { connectTo } from "./connection.js";
import { fetchFile } from "./fetch-file.js";

export interface FetchOptions extends FilterFlags {
  batchId: string;
  /** All that have a delivered output where empty. */
  combinationIds: readonly string[];
  server: string;
  out: string;
  quiet?: boolean | undefined;
}

/** Copies delivered outputs from a server; gives the exit code. A file is there whole or not at all. */
export async function fetchOutputs(options: FetchOptions, terminal: Terminal): Promise<number> {
  const { batchId, choice, output, combinationIds, out, quiet } = options;
  const connection = connectTo(options.server);
  const folder = await openFolder(out, "--out");
  try {
    return await interruptible(terminal, async (signal) => {
      const wanted = new Set(combinationIds);
      let fetched = 0;
      // In any state: of a combination that failed some outputs may be delivered.
      const asked = { batchId, choices: choice, outputs: output };
      for await (const one of combinationsOf(connection, asked, signal)) {
        const delivered = deliveredOutputs(one);
        if (delivered.length === 0 || (combinationIds.length > 0 && !wanted.delete(one.id))) continue;
        for (const name of delivered) {
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

/** Names of the outputs that are delivered, in whichever destination: their bytes are the same in all. */
const deliveredOutputs = ({ outputs }: CombinationStatus): string[] => [
  ...new Set(outputs.flatMap(({ name, state }) => (state === CombinationState.DELIVERED ? name : []))),
];

const notDelivered = (ids: readonly string[]): ProblemsError =>
  new ProblemsError(
    ids.map((id) => ({
      what: `Combination ${id} is not among the delivered ones.`,
      remedy: "`polyreel list` tells which there are, and how far they came.",
    })),
    exitCodes.usage,
  );
