import type { BatchUse } from "../usage/batch-use.js";

/** A batch, or a run of it, that was admitted: it counts until its fact is known. */
export interface Reservation {
  readonly batchId: string;
  /** 1: the submission. */
  readonly run: number;
  readonly combinations: number;
  /** Batches that become live: none for a run of a batch that is live. */
  readonly batches: number;
  /** What it is estimated to use; absent: no quota limits it. */
  readonly use?: BatchUse;
  /** In milliseconds since 1970, by the clock of the gateway that admitted it. */
  readonly atMs: number;
}

/** A gateway that was killed after it had reserved holds a place for so long. */
const EXPIRES_MS = 60_000;
/** What was not published by then is not published any more; the rest of the time is for clocks that differ. */
const PUBLISH_WITHIN_MS = 20_000;

export const isExpired = ({ atMs }: Reservation, nowMs: number): boolean => nowMs - atMs > EXPIRES_MS;
export const isTooLate = ({ atMs }: Reservation, nowMs: number): boolean => nowMs - atMs > PUBLISH_WITHIN_MS;

export const isSame = (a: Reservation, b: Reservation): boolean => a.batchId === b.batchId && a.run === b.run;

/** As they are kept in a tenant's record. */
export const reservationsIn = (text: string | undefined): Reservation[] =>
  text === undefined ? [] : (JSON.parse(text) as Reservation[]);
