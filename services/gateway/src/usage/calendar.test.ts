import { describe, expect, it } from "vitest";
import { dayOf, daysOf, monthOf, untilNextDay, untilNextMonth } from "./calendar.js";

describe("the calendar", () => {
  it.each([
    ["2026-11-30T23:59:59.999Z", "2026-11-30", "2026-11", 1, 1],
    ["2026-12-01T00:00:00.000Z", "2026-12-01", "2026-12", 86_400_000, 31 * 86_400_000],
    ["2026-12-31T12:00:00.000Z", "2026-12-31", "2026-12", 43_200_000, 43_200_000],
    ["2028-02-28T23:00:00.000Z", "2028-02-28", "2028-02", 3_600_000, 90_000_000],
  ])("at %s", (text, day, month, toDay, toMonth) => {
    const now = new Date(text);
    expect([dayOf(now), monthOf(now), untilNextDay(now), untilNextMonth(now)]).toEqual([day, month, toDay, toMonth]);
    expect(day >= daysOf(month).from && day <= daysOf(month).to).toBe(true);
  });
});
