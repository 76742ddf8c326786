const QUARTER_MS = 15 * 60_000;

/** The start of a time's quarter of an hour, in milliseconds: days begin at one in every time zone. */
export const timeBucketOf = (time: Date): number => Math.floor(time.getTime() / QUARTER_MS) * QUARTER_MS;

/** The first quarter of an hour that begins at that time or later. */
export const firstTimeBucketFrom = (time: Date): number => Math.ceil(time.getTime() / QUARTER_MS) * QUARTER_MS;

/** Number of combinations that ended in a quarter of an hour. */
export interface Ended {
  delivered: number;
  failed: number;
}

/** The quarter of an hour since which at least this many ended; the first of all if there are fewer. */
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
