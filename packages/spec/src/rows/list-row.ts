import { type CombinationStatus, combinationStateName, failureCodeName } from "@polyreel/contract";
import { bareChoiceColumns } from "./choice-columns.js";
import type { Column } from "./lines.js";
import { choicesByBlock } from "./row-choices.js";

/** A combination, or one delivery of it, as a line of a list. */
export interface ListRow {
  readonly id: string;
  readonly state: string;
  /** Labels by block. */
  readonly choices: Readonly<Record<string, string>>;
  readonly path: string;
  readonly url: string;
  /** Signed link to it; empty if none was requested. */
  readonly link: string;
  /** Why it failed, or was rejected. */
  readonly reason: string;
  /** The failure's code; empty without a failure. */
  readonly code: string;
  /** The output, for a delivery. */
  readonly output?: string;
}

type Outcome = Pick<CombinationStatus, "state" | "path" | "urlPath" | "link" | "failure" | "rejectionReason">;

/** `server`: address of the server. */
export const combinationRow = (one: CombinationStatus, server: string): ListRow => rowOf(one, one, server);

/** A row for each delivery. */
export const deliveryRows = (one: CombinationStatus, server: string): ListRow[] =>
  one.outputs.map((delivery) => ({ ...rowOf(one, delivery, server), output: delivery.name }));

const rowOf = (
  { id, choices }: CombinationStatus,
  { state, path, urlPath, link, failure, rejectionReason }: Outcome,
  server: string,
): ListRow => ({
  id,
  state: combinationStateName(state),
  choices: choicesByBlock(choices),
  path,
  url: urlPath && server + urlPath,
  link,
  reason: failure?.reason ?? rejectionReason,
  code: failure ? failureCodeName(failure.code) : "",
});

/**
 * Columns of `list --csv`: those of blocks have their bare names, unless another column has that name. Existing columns
 * keep their positions; new ones are appended, with a dot in their names, so that no block's column has to change its
 * name.
 */
export function listColumns(
  blocks: readonly string[],
  { ofOutputs, links = false }: { ofOutputs: boolean; links?: boolean | undefined },
): Column<ListRow>[] {
  const first: Column<ListRow>[] = [
    { name: "id", cell: ({ id }) => id },
    { name: "state", cell: ({ state }) => state },
  ];
  const last: Column<ListRow>[] = [
    { name: "path", cell: ({ path }) => path },
    { name: "url", cell: ({ url }) => url },
    { name: "reason", cell: ({ reason }) => reason },
    { name: "code", cell: ({ code }) => code },
    ...(ofOutputs ? [{ name: "output", cell: ({ output }: ListRow) => output }] : []),
    ...(links ? [{ name: "link", cell: ({ link }: ListRow) => link }] : []),
  ];
  return [...first, ...bareChoiceColumns(blocks, [...first, ...last]), ...last];
}
