import { EnvError, makeValidator } from "envalid";
import type { Rate } from "./token-buckets.js";

const SECONDS: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3600 };
const RATE = /^(\d{1,9})\/(s|min|h)(?: burst (\d{1,9}))?$/;

/** Parses "50/s", "600/min" or "50/s burst 200"; without a burst as many at once as in the unit of time. */
export function parseRate(text: string): Rate | undefined {
  const [, count, unit = "", burst = count] = RATE.exec(text.trim()) ?? [];
  const rate = { perSecond: Number(count) / (SECONDS[unit] ?? Number.NaN), burst: Number(burst) };
  return rate.perSecond > 0 && rate.burst > 0 ? rate : undefined;
}

/** Undefined if empty: no limit. */
export const rate = makeValidator<Rate | undefined>((text) => {
  if (text === "") return undefined;
  const parsed = parseRate(text);
  if (parsed) return parsed;
  throw new EnvError(`must be a rate as in 50/s, 600/min or "50/s burst 200", got "${text}"`);
});
