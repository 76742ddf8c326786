import { expect, it } from "vitest";
import { type Rows, scrolledPx, scrollTopOf, scrollTopToShow, seenRows } from "./scaled-rows.js";

const FEW: Rows = { count: 10, rowPx: 200, boxPx: 500 };
const MANY: Rows = { count: 500_000, rowPx: 200, boxPx: 700 };

it("scrolls few rows pixel by pixel", () => {
  expect(scrolledPx(FEW)).toBe(2000);
  expect(seenRows(FEW, 0)).toEqual({ first: 0, end: 3, abovePx: 0 });
  expect(seenRows(FEW, 250)).toEqual({ first: 1, end: 4, abovePx: 50 });
  expect(seenRows(FEW, 1500)).toEqual({ first: 7, end: 10, abovePx: 100 });
});

it("reaches both ends of half a million rows within the height that browsers allow", () => {
  expect(scrolledPx(MANY)).toBeLessThan(33_554_428);
  expect(seenRows(MANY, 0)).toMatchObject({ first: 0, abovePx: 0 });
  const last = seenRows(MANY, scrolledPx(MANY) - MANY.boxPx);
  expect(last.end).toBe(500_000);
  expect((last.end - last.first) * MANY.rowPx - last.abovePx).toBeCloseTo(MANY.boxPx);
});

it("finds where to scroll for any row", () => {
  for (const rows of [FEW, MANY]) {
    for (const row of [0, 1, Math.floor(rows.count / 3), rows.count - 1]) {
      const { first, end } = seenRows(rows, scrollTopOf(rows, row));
      expect(row).toBeGreaterThanOrEqual(first);
      expect(row).toBeLessThan(end);
    }
  }
});

it("stays within the rows, whatever the scrollbar says", () => {
  expect(seenRows({ count: 0, rowPx: 200, boxPx: 500 }, 0)).toEqual({ first: 0, end: 0, abovePx: 0 });
  expect(seenRows({ count: 1, rowPx: 200, boxPx: 500 }, 50)).toEqual({ first: 0, end: 1, abovePx: 0 });
  expect(seenRows(FEW, -30).first).toBe(0);
  expect(seenRows(FEW, 1e9).end).toBe(10);
});

it("moves as little as needed to show a row", () => {
  expect(scrollTopToShow(FEW, 1, 100)).toBe(100);
  expect(scrollTopToShow(FEW, 0, 100)).toBe(0);
  expect(scrollTopToShow(FEW, 4, 100)).toBe(500);
  const at = scrollTopToShow(MANY, 400_000, 0);
  const { first, end, abovePx } = seenRows(MANY, at);
  expect(400_000).toBeGreaterThanOrEqual(first);
  expect((400_001 - first) * MANY.rowPx - abovePx).toBeLessThanOrEqual(MANY.boxPx);
  expect(400_000).toBeLessThan(end);
});
