import { afterAll, beforeAll, expect, it } from "vitest";
import { Releasers } from "../lifecycle.js";
import { openRecords, type Records } from "./records.js";
import { openPrivateStream } from "./testing/private-stream.js";

const releasers = new Releasers();
let ours: Records;
let theirs: Records;

beforeAll(async () => {
  const stream = await openPrivateStream(releasers);
  [ours, theirs] = [await openRecords(stream, "test", "Tests"), await openRecords(stream, "test", "Tests")];
});
afterAll(() => releasers.close());

it("loses no change of many at once", async () => {
  const add = (present = "0") => String(Number(present) + 1);
  await Promise.all(Array.from({ length: 40 }, (_, i) => (i % 2 ? ours : theirs).change("count", add)));
  expect(await ours.read("count")).toBe("40");
});

it("changes nothing where the change is refused, and knows no other names", async () => {
  await ours.change("a", () => "first");
  const refuse = () => {
    throw new Error("refused");
  };
  await expect(theirs.change("a", refuse)).rejects.toThrow("refused");
  expect([await theirs.read("a"), await theirs.read("b")]).toEqual(["first", undefined]);
});
