/** Days and months of UTC, as they are written: "2026-11-30", "2026-11". They compare as texts. */

export const dayOf = (time: Date): string => time.toISOString().slice(0, "2026-11-30".length);
export const monthOf = (time: Date): string => time.toISOString().slice(0, "2026-11".length);

/** The first and the last day of a month; no month has a day after the last. */
export const daysOf = (month: string): { readonly from: string; readonly to: string } => ({
  from: `${month}-01`,
  to: `${month}-31`,
});

/** From now until the next day begins. */
export const untilNextDay = (now: Date): number =>
  Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1) - now.getTime();

/** From now until the next month begins. */
export const untilNextMonth = (now: Date): number =>
  Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1) - now.getTime();
