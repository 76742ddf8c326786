import { CombinationState, type FailureCode } from "@polyreel/contract";
import {
  combinationRow,
  csvHeader,
  csvLine,
  deliveryRows,
  jsonLine,
  type ListRow,
  listColumns,
  plainCombination,
  plainDeliveries,
} from "@polyreel/spec/rows";
import { combinationsOf } from "../client/combinations.js";
import { connectTo } from "../client/connection.js";
import type { FilterFlags } from "../flags/filter.js";
import { linkLifetimeOf } from "../flags/link-flags.js";
import type { Terminal } from "../terminal/terminal.js";

export interface ListOptions extends FilterFlags {
  batchId: string;
  server: string;
  sort?: string | undefined;
  json?: boolean | undefined;
  csv?: boolean | undefined;
  /** Prints signed links. */
  links?: boolean | undefined;
  lifetime?: number | undefined;
  failureCodes?: readonly FailureCode[];
}

/** Streams a batch's combinations, one a line; memory does not grow with their number. */
export async function list(
  { batchId, server, choice, output, state, failureCodes = [], sort = "", json, csv, links, lifetime }: ListOptions,
  terminal: Terminal,
): Promise<void> {
  const connection = connectTo(server);
  try {
    const request = {
      batchId,
      choices: choice,
      state: state ?? CombinationState.UNSPECIFIED,
      orderBy: sort,
      failureCodes: [...failureCodes],
      outputs: output,
      links: Boolean(links || json),
      ...linkLifetimeOf(lifetime),
    };
    const place = { file: (path: string) => path, server: connection.url };
    const ofOutputs = output.length > 0;
    let columns: ReturnType<typeof listColumns> | undefined;
    let none = true;
    for await (const one of combinationsOf(connection, request)) {
      if (terminal.discarded) return;
      none = false;
      if (json) {
        const url = one.urlPath && connection.url + one.urlPath;
        await terminal.print(jsonLine({ ...plainCombination(one, url), ...plainDeliveries(one, place, ofOutputs) }));
        continue;
      }
      if (csv && !columns) {
        const blocks = one.choices.map(({ block }) => block); // Every combination has a choice of every block.
        columns = listColumns(blocks, { ofOutputs, links });
        await terminal.print(csvHeader(columns));
      }
      const rows = ofOutputs ? deliveryRows(one, connection.url) : [combinationRow(one, connection.url)];
      for (const row of rows) await terminal.print(columns ? csvLine(row, columns) : textLine(row, links));
    }
    if (none && !json && !csv) terminal.note("No combinations match.\n");
  } finally {
    connection.close();
  }
}

function textLine({ id, state, choices, path, url, link, reason, output }: ListRow, links = false): string {
  const chosen = Object.values(choices).join(", ");
  const what = (links && link) || path || url || (reason && `${chosen}: ${reason}`) || chosen;
  return `${[id, state.padEnd(9), ...(output === undefined ? [] : [output]), what].join("  ")}\n`;
}
