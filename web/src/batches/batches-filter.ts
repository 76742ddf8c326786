import { BatchState } from "@polyreel/contract";

/** Names in addresses, with the states that they stand for. */
export const stateFilters = {
  all: { label: "All", states: [] },
  live: { label: "Live", states: [BatchState.PLANNING, BatchState.RUNNING] },
  awaiting: { label: "Awaiting approval", states: [BatchState.AWAITING_APPROVAL] },
  finished: { label: "Finished", states: [BatchState.FINISHED] },
  cancelled: { label: "Cancelled", states: [BatchState.CANCELLED] },
} as const satisfies Readonly<Record<string, { readonly label: string; readonly states: readonly BatchState[] }>>;

export type StateFilter = keyof typeof stateFilters;

export const sorts = {
  newest: { label: "Newest first", orderBy: "submitted_at desc" },
  oldest: { label: "Oldest first", orderBy: "submitted_at" },
  name: { label: "Name", orderBy: "name" },
  finished: { label: "Last finished first", orderBy: "finished_at desc" },
} as const;

export type Sort = keyof typeof sorts;

/** What the list of batches shows, as it stands in the address: only what differs from the default. */
export interface BatchesFilter {
  readonly state?: StateFilter;
  readonly sort?: Sort;
  /** In their names, or at the beginning of their ids. */
  readonly text?: string;
}

const MAX_TEXT = 100;

const isKeyOf = <T extends object>(names: T, value: unknown): value is keyof T =>
  typeof value === "string" && Object.hasOwn(names, value);

/** From any address: what it does not know is left out. */
export function readBatchesFilter({ state, sort, text }: Readonly<Record<string, unknown>>): BatchesFilter {
  return {
    ...(isKeyOf(stateFilters, state) && state !== "all" && { state }),
    ...(isKeyOf(sorts, sort) && sort !== "newest" && { sort }),
    ...(typeof text === "string" && text !== "" && { text: text.slice(0, MAX_TEXT) }),
  };
}
