import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { TryingAgain } from "@polyreel/contract";
import { formatCount, formatSeconds } from "../terminal/numbers.js";

/**
 * Pending retries as one line: their number, and of the next one the reason, the attempts so far, its time, and when
 * retrying ends.
 * Retries due before `now` (milliseconds since 1970) are left out: they are running or done. Undefined if nothing is
 * pending.
 */
export function tryingAgainLine(all: Iterable<TryingAgain>, now: number): string | undefined {
  const waiting = [...all].filter(({ nextAt }) => nextAt && timestampMs(nextAt) > now).sort(bySoonest);
  const [next] = waiting;
  if (!next?.nextAt) return undefined;
  const left = formatSeconds((timestampMs(next.nextAt) - now) / 1000);
  const others = waiting.length > 1 ? `${formatCount(waiting.length)}, next ` : "";
  return `${next.tries > 0 ? "trying again" : "waiting"}: ${others}in ${left} (${describeAttempts(next, now)}): ${next.reason}`;
}

/** The attempts so far, and the limit: a number, a time, or none. */
export function describeAttempts({ tried, tries, until }: TryingAgain, now: number): string {
  if (tries > 0) return `tried ${tried} of ${tries}`;
  const times = tried === 1 ? "tried once" : `tried ${tried} times`;
  return until ? `${times}, fails in ${formatSeconds(Math.max(0, timestampMs(until) - now) / 1000)}` : times;
}

const bySoonest = (a: TryingAgain, b: TryingAgain): number =>
  (a.nextAt ? timestampMs(a.nextAt) : 0) - (b.nextAt ? timestampMs(b.nextAt) : 0);
