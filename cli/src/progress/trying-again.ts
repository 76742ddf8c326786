import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { TryingAgain } from "@polyreel/contract";
import { formatCount, formatSeconds } from "../terminal/numbers.js";

/**
 * What waits to be tried again, in one line: how many, and of the next one why, how often it was tried, when it will be, and
 * for how long more it is waited for.
 * What should have been tried by `now` (milliseconds since 1970) is left out: it is being tried, or was. Undefined where
 * nothing waits.
 */
export function tryingAgainLine(all: Iterable<TryingAgain>, now: number): string | undefined {
  const waiting = [...all].filter(({ nextAt }) => nextAt && timestampMs(nextAt) > now).sort(bySoonest);
  const [next] = waiting;
  if (!next?.nextAt) return undefined;
  const left = formatSeconds((timestampMs(next.nextAt) - now) / 1000);
  const others = waiting.length > 1 ? `${formatCount(waiting.length)}, next ` : "";
  return `${next.tries > 0 ? "trying again" : "waiting"}: ${others}in ${left} (${triesOf(next, now)}): ${next.reason}`;
}

/** How often it was tried, and when that ends: by number, by time, or never. */
export function triesOf({ tried, tries, until }: TryingAgain, now: number): string {
  if (tries > 0) return `tried ${tried} of ${tries}`;
  const times = tried === 1 ? "tried once" : `tried ${tried} times`;
  return until ? `${times}, fails in ${formatSeconds(Math.max(0, timestampMs(until) - now) / 1000)}` : times;
}

const bySoonest = (a: TryingAgain, b: TryingAgain): number =>
  (a.nextAt ? timestampMs(a.nextAt) : 0) - (b.nextAt ? timestampMs(b.nextAt) : 0);
