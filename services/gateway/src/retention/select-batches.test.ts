import { describe, expect, it } from "vitest";
import { type Candidate, type Limits, selectBatches } from "./select-batches.js";

const day = (number: number) => new Date(Date.UTC(2026, 4, number));

/** A batch by its id, the day of its end (0: unfinished), its bytes, and the batch that it continues. */
const batch = (batchId: string, ended: number, bytes = 10, continues = ""): Candidate => ({
  batchId,
  tenant: "default",
  name: batchId,
  endedAt: ended > 0 ? day(ended) : undefined,
  continues,
  bytes,
});

const KEEP: Limits = { endedBefore: new Date(0), maxBytes: Number.POSITIVE_INFINITY };
const selected = (batches: Candidate[], limits: Partial<Limits>) =>
  selectBatches(batches, { ...KEEP, ...limits }).map(({ batch: { batchId }, reason }) => `${batchId} ${reason}`);

const FOUR = [batch("c", 3), batch("a", 1), batch("d", 4), batch("b", 2)];

describe("selectBatches", () => {
  it("keeps all without limits", () => {
    expect(selected(FOUR, {})).toEqual([]);
    expect(selected([], { endedBefore: day(9), maxBytes: 0 })).toEqual([]);
  });

  it("selects batches that ended before a time, the oldest end first", () => {
    expect(selected(FOUR, { endedBefore: day(3) })).toEqual(["a age", "b age"]);
    expect(selected(FOUR, { endedBefore: day(9) })).toEqual(["a age", "b age", "c age", "d age"]);
  });

  it.each([
    [40, []],
    [39, ["a size"]],
    [30, ["a size"]],
    [29, ["a size", "b size"]],
    [0, ["a size", "b size", "c size", "d size"]],
  ])("makes the rest no larger than %i bytes, and takes no more than that needs", (maxBytes, expected) => {
    expect(selected(FOUR, { maxBytes })).toEqual(expected);
  });

  it("selects by age first, and then by size", () => {
    expect(selected(FOUR, { endedBefore: day(2), maxBytes: 25 })).toEqual(["a age", "b size"]);
    expect(selected(FOUR, { endedBefore: day(3), maxBytes: 25 })).toEqual(["a age", "b age"]);
  });

  it("never selects an unfinished batch, although its bytes count", () => {
    const batches = [batch("goes-on", 0, 100), batch("a", 1), batch("b", 2)];
    expect(selected(batches, { endedBefore: day(9) })).toEqual(["a age", "b age"]);
    expect(selected(batches, { maxBytes: 110 })).toEqual(["a size"]);
    expect(selected(batches, { maxBytes: 0 })).toEqual(["a size", "b size"]);
  });

  it("does not select batches without bytes to free space", () => {
    expect(selected([batch("virtual", 1, 0), batch("a", 2)], { maxBytes: 5 })).toEqual(["a size"]);
    expect(selected([batch("virtual", 1, 0)], { endedBefore: day(2) })).toEqual(["virtual age"]);
  });

  describe("of batches that continue others", () => {
    const sample = batch("sample", 1);
    it("keeps the batch that a kept one continues, however old", () => {
      expect(selected([sample, batch("whole", 5, 10, "sample")], { endedBefore: day(3) })).toEqual([]);
      expect(selected([sample, batch("whole", 0, 10, "sample")], { endedBefore: day(9), maxBytes: 0 })).toEqual([]);
    });

    it("selects the last link first", () => {
      const chain = [sample, batch("more", 2, 10, "sample"), batch("whole", 3, 10, "more"), batch("a", 2)];
      expect(selected(chain, { endedBefore: day(9) })).toEqual(["a age", "whole age", "more age", "sample age"]);
      expect(selected(chain, { maxBytes: 25 })).toEqual(["a size", "whole size"]);
      expect(selected(chain, { maxBytes: 5 })).toEqual(["a size", "whole size", "more size", "sample size"]);
    });

    it("keeps the whole chain while one link is unfinished", () => {
      const chain = [sample, batch("more", 0, 10, "sample"), batch("whole", 3, 10, "more")];
      expect(selected(chain, { endedBefore: day(9), maxBytes: 0 })).toEqual(["whole age"]);
    });

    it("selects a batch without bytes if only then another one can be removed", () => {
      expect(selected([sample, batch("virtual", 2, 0, "sample")], { maxBytes: 5 })).toEqual([
        "virtual size",
        "sample size",
      ]);
      expect(
        selected([batch("sample", 1, 0), batch("virtual", 2, 0, "sample"), batch("a", 3)], { maxBytes: 5 }),
      ).toEqual(["a size"]);
    });

    it("ignores missing links and cycles", () => {
      expect(selected([batch("whole", 1, 10, "gone")], { endedBefore: day(2) })).toEqual(["whole age"]);
      const circle = [batch("a", 1, 10, "b"), batch("b", 2, 10, "a"), batch("c", 1, 10, "c")];
      expect(selected(circle, { endedBefore: day(9) }).sort()).toEqual(["a age", "b age", "c age"]);
    });
  });
});
