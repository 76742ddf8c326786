import { expect, it } from "vitest";
import { Random } from "../property/random.js";
import { mutate } from "./mutate.js";

const original = Buffer.from(Array.from({ length: 5000 }, (_, i) => i % 251));

it("damages a copy in many ways, determined by the seed", () => {
  const before = Buffer.from(original);
  const mutants = Array.from({ length: 200 }, (_, seed) => mutate(original, new Random(seed)));
  expect(original.equals(before)).toBe(true);
  expect(mutants.filter(({ bytes }) => bytes.equals(original)).length).toBeLessThan(10);
  expect(mutants.every(({ bytes, how }) => bytes.length > 0 && how !== "")).toBe(true);
  expect(new Set(mutants.map(({ how }) => how.replace(/[\d-]+/g, "n"))).size).toBeGreaterThan(20);
  expect(mutate(original, new Random(7))).toEqual(mutants[7]);
});
