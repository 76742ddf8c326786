import { expect, it } from "vitest";
import { BatchChanges } from "./batch-changes.js";

const fact = (batchId: string, sequence: number) => ({ batchId, sequence });

it("changes the version of exactly the batches that facts are about, and tells listeners", () => {
  const changes = new BatchChanges();
  const told: string[][] = [];
  const stop = changes.listen((ids) => told.push([...ids]));
  const [one, other] = [changes.versionOf("b1"), changes.versionOf("b2")];
  changes.note([fact("b1", 5), fact("b1", 6)]);
  expect(changes.versionOf("b1")).not.toBe(one);
  expect(changes.versionOf("b2")).toBe(other);
  stop();
  changes.note([fact("b2", 7)]);
  expect(told).toEqual([["b1"]]);
});

it("never returns to an earlier version of a batch, however many others changed since, or after a rebuild", () => {
  const changes = new BatchChanges();
  const seen = [changes.versionOf("b1")];
  changes.note([fact("b1", 1)]);
  seen.push(changes.versionOf("b1"));
  changes.note(Array.from({ length: 10_001 }, (_, i) => fact(`other ${i}`, 2 + i)));
  changes.note([fact("b1", 20_000)]);
  seen.push(changes.versionOf("b1"));
  changes.note(Array.from({ length: 10_001 }, (_, i) => fact(`other ${i}`, 30_000 + i)));
  seen.push(changes.versionOf("b1"));
  changes.forget();
  seen.push(changes.versionOf("b1"));
  expect(new Set(seen).size).toBe(seen.length);
});
