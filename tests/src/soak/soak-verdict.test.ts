import { expect, it } from "vitest";
import { type Sample, table, trendsOf } from "./soak-verdict.js";

const sample = (batches: number, more: Partial<Sample> = {}): Sample => ({
  ...{
    batches,
    rssMb: 300,
    heapMb: 60,
    externalMb: 10,
    handles: 50,
    processes: 1,
    consumers: 8,
    facts: 200,
    listed: 10,
  },
  ...{ storeFiles: 40, temporaryFiles: 5, outputFiles: 60, databaseMb: 40 },
  ...more,
});
const growing = (what: keyof Sample, from: number, by: number) =>
  Array.from({ length: 12 }, (_, i) => sample(i * 100, { [what]: from + i * by }));
const leaks = (samples: readonly Sample[]) => trendsOf(samples).flatMap(({ what, flat }) => (flat ? [] : [what]));

it("finds nothing if everything is stable after the first third", () => {
  const samples = Array.from({ length: 12 }, (_, i) =>
    sample(i * 100, { rssMb: i < 4 ? 200 + 30 * i : 300 + (i % 3) }),
  );
  expect(leaks(samples)).toEqual([]);
});

it.each<[keyof Sample, number, number]>([
  ["rssMb", 300, 10],
  ["handles", 50, 3],
  ["consumers", 8, 1],
  ["storeFiles", 40, 10],
  ["temporaryFiles", 5, 2],
  ["facts", 200, 50],
  ["databaseMb", 40, 10],
])("finds %s that grows", (what, from, by) => {
  expect(leaks(growing(what, from, by))).toEqual([what]);
});

it("prints a line for each sample", () => {
  expect(table([sample(0), sample(100)])).toHaveLength(3);
});
