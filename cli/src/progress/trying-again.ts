import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { TryingAgain } from "@polyreel/contract";
import { formatCount, formatSeconds } from "../terminal/numbers.js";

/**
 * What waits to be tried again, in one line: how many, and of the next one why, how often it was tried, and when it will be.
 * What should have been tried by `now` (milliseconds since 1970) is left out: it is being tried, or was. Undefined where
 * nothing waits.
 */
export function tryingAgainLine(all: Iterable<TryingAgain>, now: number): string | undefined {
  const waiting = [...all].filter(({ nextAt }) => nextAt && timestampMs(nextAt) > now).sort(bySoonest);
  const [next] = waiting;
  if (!next?.nextAt) return undefined;
  const left = formatSeconds((timestampMs(next.nextAt) - now) / 1000);
  const others = waiting.length > 1 ? `${formatCount(waiting.length)}, next ` : "";
  return `trying again: ${others}in ${left} (tried ${next.tried} of ${next.tries}): ${next.reason}`;
}

const bySoonest = (a: TryingAgain, b: TryingAgain): number =>
  (a.nextAt ? timestampMs(a.nextAt) : 0) - (b.nextAt ? timestampMs(b.nextAt) : 0);
