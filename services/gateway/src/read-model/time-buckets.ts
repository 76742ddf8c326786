const QUARTER_MS = 15 * 60_000;

/** The quarter of an hour that a time lies in, by its beginning, in milliseconds: days begin with one in every time zone. */
export const timeBucketOf = (time: Date): number => Math.floor(time.getTime() / QUARTER_MS) * QUARTER_MS;

/** The first quarter of an hour that begins then or later. */
export const firstTimeBucketFrom = (time: Date): number => Math.ceil(time.getTime() / QUARTER_MS) * QUARTER_MS;

/** How many combinations ended in a quarter of an hour. */
export interface Ended {
  delivered: number;
  failed: number;
}

/** The quarter of an hour from which on at least so many ended; the first of all where there are no more. */
export function timeBucketOfNewest(ended: Iterable<readonly [quarter: number, ended: Ended]>, count: number): number {
  let since = Number.POSITIVE_INFINITY;
  let sum = 0;
  for (const [quarter, { delivered, failed }] of [...ended].sort(([a], [b]) => b - a)) {
    if (sum >= count) break;
    sum += delivered + failed;
    since = quarter;
  }
  return since;
}
