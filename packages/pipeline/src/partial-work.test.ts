import { PolyreelError } from "@polyreel/platform";
import type { FactMessage } from "@polyreel/platform/stream";
import { expect, it } from "vitest";
import { PartialWork, type Piece } from "./partial-work.js";

const PLANNED = { batchId: "b1", sequence: 7 } as FactMessage<"combination.planned">;
const { signal } = new AbortController();
const outsideSlot = <T>(wait: () => Promise<T>) => wait();
const FIRST = { again: false, signal, outsideSlot };
const nothingBefore = () => new PartialWork(async () => []);

/** Pieces that record their work, and fail with `failures`. */
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

it("does each piece once, whether or not others fail", async () => {
  const partial = nothingBefore();
  const away = { 1: new PolyreelError("conflict", "In the way."), 2: new PolyreelError("unavailable", "Away.") };
  const first = pieces(away);
  await expect(partial.run(PLANNED, first.all, FIRST, first.fail)).rejects.toThrow("Away.");
  expect(first).toMatchObject({ worked: [0, 1, 2], failed: [1] });
  expect([0, 1, 2].map((number) => partial.isDone(PLANNED, number))).toEqual([true, true, false]);

  const second = pieces({});
  await partial.run(PLANNED, second.all, FIRST, second.fail);
  expect(second).toMatchObject({ worked: [2], failed: [] });
  expect(partial.isDone(PLANNED, 0)).toBe(false); // The message is done: nothing of it is kept.
});

it("throws the failure of a single piece as that of the message", async () => {
  const { all, failed, fail } = pieces({ 0: new PolyreelError("conflict", "In the way.") });
  await expect(nothingBefore().run(PLANNED, all.slice(0, 1), FIRST, fail)).rejects.toThrow("In the way.");
  expect(failed).toEqual([]);
});

it("does not report pieces as failed that were aborted", async () => {
  const stop = AbortSignal.abort();
  const { all, failed, fail } = pieces({ 0: new PolyreelError("conflict", "In the way.") });
  await expect(nothingBefore().run(PLANNED, all, { ...FIRST, signal: stop }, fail)).rejects.toThrow("In the way.");
  expect(failed).toEqual([]);
});

it("skips published pieces of a redelivered message", async () => {
  const partial = new PartialWork<"combination.planned">(async () => [0, 2]);
  const again = { ...FIRST, again: true };
  const { all, worked, fail } = pieces({});
  await partial.run(PLANNED, all, again, fail);
  expect(worked).toEqual([1]);

  const only = pieces({});
  await partial.run(PLANNED, only.all.slice(0, 1), again, only.fail);
  expect(only.worked).toEqual([]);
  expect(await partial.giveUp(PLANNED, [0, 1, 2])).toEqual([1]);
});

it("does not read the stream for a message that this process has handled before", async () => {
  let reads = 0;
  const partial = new PartialWork<"combination.planned">(async () => {
    reads++;
    return [];
  });
  const away = new PolyreelError("unavailable", "Away.");
  const { all, worked, fail } = pieces({ 0: away });
  await expect(partial.run(PLANNED, all, FIRST, fail)).rejects.toThrow("Away.");
  await expect(partial.run(PLANNED, all, { ...FIRST, again: true }, fail)).rejects.toThrow("Away.");
  expect(worked).toEqual([0, 1, 2, 0]);
  expect(await partial.giveUp(PLANNED, [0, 1, 2])).toEqual([0]);
  expect(reads).toBe(0);
});
