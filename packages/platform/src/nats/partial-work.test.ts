import { expect, it } from "vitest";
import { PolyreelError } from "../errors.js";
import { PartialWork, type Piece } from "./partial-work.js";

const TOLD = { batchId: "b1", sequence: 7 };
const { signal } = new AbortController();

/** Pieces that note when they are worked, and fail as they are told. */
function pieces(failures: Readonly<Record<number, PolyreelError>>) {
  const worked: number[] = [];
  const failed: number[] = [];
  const all = [0, 1, 2].map(
    (number): Piece => ({
      number,
      work: async () => {
        worked.push(number);
        if (failures[number]) throw failures[number];
      },
    }),
  );
  const fail = async ({ number }: Piece) => void failed.push(number);
  return { all, worked, failed, fail };
}

it("does each piece once, whatever becomes of the others", async () => {
  const partial = new PartialWork();
  const away = { 1: new PolyreelError("conflict", "In the way."), 2: new PolyreelError("unavailable", "Away.") };
  const first = pieces(away);
  await expect(partial.run(TOLD, first.all, first.fail, signal)).rejects.toThrow("Away.");
  expect(first).toMatchObject({ worked: [0, 1, 2], failed: [1] });
  expect([0, 1, 2].map((number) => partial.isDone(TOLD, number))).toEqual([true, true, false]);

  const second = pieces({});
  await partial.run(TOLD, second.all, second.fail, signal);
  expect(second).toMatchObject({ worked: [2], failed: [] });
  expect(partial.isDone(TOLD, 0)).toBe(false); // the message is done: nothing of it is kept
});

it("throws what an only piece failed with, as the failure of the message", async () => {
  const { all, failed, fail } = pieces({ 0: new PolyreelError("conflict", "In the way.") });
  await expect(new PartialWork().run(TOLD, all.slice(0, 1), fail, signal)).rejects.toThrow("In the way.");
  expect(failed).toEqual([]);
});

it("takes no piece for failed that was stopped", async () => {
  const stop = AbortSignal.abort();
  const { all, failed, fail } = pieces({ 0: new PolyreelError("conflict", "In the way.") });
  await expect(new PartialWork().run(TOLD, all, fail, stop)).rejects.toThrow("In the way.");
  expect(failed).toEqual([]);
});
