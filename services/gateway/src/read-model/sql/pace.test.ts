import { expect, it } from "vitest";
import { Pace } from "./pace.js";

it("makes pieces as large as the time allows, and continues where it stopped", async () => {
  let clock = 0;
  let msAnItem = 0.1;
  let isAwaited = true;
  const pace = new Pace(
    50,
    () => isAwaited,
    () => clock,
  );
  const sizes = async (count: number) => {
    const items = Array.from({ length: count }, (_, i) => i);
    const pieces: (readonly number[])[] = [];
    await pace.each(items, async (piece) => {
      pieces.push(piece);
      clock += piece.length * msAnItem;
      return true;
    });
    expect(pieces.flat()).toEqual(items);
    return pieces.map(({ length }) => length);
  };
  expect(await sizes(1000)).toEqual([200, 400, 400]);
  msAnItem = 5;
  expect(await sizes(1000)).toEqual([500, 200, 200, 100]);
  msAnItem = 0.1;
  expect(await sizes(10)).toEqual([10]);
  isAwaited = false;
  expect(await sizes(1000)).toEqual([1000]);
});

it("stops on request", async () => {
  const seen: number[] = [];
  await new Pace(50, () => true).each(
    Array.from({ length: 1000 }, (_, i) => i),
    async (piece) => {
      seen.push(piece.length);
      return seen.length < 2;
    },
  );
  expect(seen).toHaveLength(2);
});
