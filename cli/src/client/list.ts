import { CombinationState, type CombinationStatus, type FailureCode, failureCodeName } from "@polyreel/contract";
import type { FilterFlags } from "../commands/filter.js";
import { plainCombination, stateName } from "../report/plain-combination.js";
import { plainDeliveries } from "../report/plain-deliveries.js";
import type { Terminal } from "../terminal/terminal.js";
import { combinationsOf } from "./combinations.js";
import { connectTo } from "./connection.js";

export interface ListOptions extends FilterFlags {
  batchId: string;
  server: string;
  sort?: string | undefined;
  json?: boolean | undefined;
  csv?: boolean | undefined;
  failureCodes?: readonly FailureCode[];
}

/** Prints a batch's combinations as they come, a line each: memory does not grow with their number. */
export async function list(
  { batchId, server, choice, output, state, failureCodes = [], sort = "", json, csv }: ListOptions,
  terminal: Terminal,
): Promise<void> {
  const connection = connectTo(server);
  try {
    const asked = {
      batchId,
      choices: choice,
      state: state ?? CombinationState.UNSPECIFIED,
      orderBy: sort,
      failureCodes: [...failureCodes],
      outputs: output,
    };
    const place = { file: (path: string) => path, server: connection.url };
    let first = true;
    for await (const one of combinationsOf(connection, asked)) {
      if (terminal.unread) return;
      if (csv && first)
        await terminal.print(
          csvRecord([
            ...["id", "state", ...one.choices.map(({ block }) => block), "path", "url", "reason", "code"],
            ...(output.length > 0 ? ["output"] : []),
          ]),
        );
      first = false;
      const url = one.urlPath && connection.url + one.urlPath;
      if (json) {
        const line = { ...plainCombination(one, url), ...plainDeliveries(one, place, output.length > 0) };
        await terminal.print(`${JSON.stringify(line)}\n`);
      } else {
        for (const row of output.length > 0 ? deliveriesOf(one) : [one])
          await terminal.print((csv ? csvLine : textLine)(row, row.urlPath && connection.url + row.urlPath));
      }
    }
    if (first && !json && !csv) terminal.note("No combinations match.\n");
  } finally {
    connection.close();
  }
}

/** A combination, or an output of it in one destination, as a line shows it. */
type Row = Pick<CombinationStatus, "id" | "choices" | "state" | "path" | "urlPath" | "failure" | "rejectionReason"> & {
  readonly output?: string;
};

const deliveriesOf = ({ id, choices, outputs }: CombinationStatus): Row[] =>
  outputs.map(({ name, state, path, urlPath, failure, rejectionReason }) => ({
    ...{ id, choices, state, path, urlPath, rejectionReason, output: name },
    ...(failure && { failure }),
  }));

function textLine({ id, state, choices, path, failure, rejectionReason, output }: Row, url: string): string {
  const what = path || url || failure?.reason || rejectionReason || choices.map(({ choice }) => choice).join(", ");
  return `${[id, stateName(state).padEnd(9), ...(output === undefined ? [] : [output]), what].join("  ")}\n`;
}

const csvLine = ({ id, state, choices, path, failure, rejectionReason, output }: Row, url: string): string =>
  csvRecord([
    id,
    stateName(state),
    ...choices.map(({ choice }) => choice),
    path,
    url,
    failure?.reason ?? rejectionReason,
    failure ? failureCodeName(failure.code) : "",
    ...(output === undefined ? [] : [output]),
  ]);

/** A record as RFC 4180 has it. */
const csvRecord = (fields: readonly string[]): string =>
  `${fields.map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(",")}\r\n`;
