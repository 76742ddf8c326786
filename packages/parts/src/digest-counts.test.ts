import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { countIn, DigestCounts } from "./digest-counts.js";

const digest = (i: number) => createHash("sha256").update(`${i}`).digest("hex");

it("counts every digest, also after growing", () => {
  const counts = new DigestCounts();
  for (let i = 0; i < 5000; i++) expect(counts.add(digest(i)), `${i}`).toBe(1);
  for (let i = 0; i < 5000; i++) expect(counts.add(digest(i)), `${i} again`).toBe(2);
  expect(counts.size).toBe(5000);
});

it("distinguishes digests that differ late, and counts one of zeros", () => {
  const counts = new DigestCounts();
  const digests = ["0".repeat(64), `${"0".repeat(31)}1${"0".repeat(32)}`, `${"a".repeat(31)}b${"0".repeat(32)}`];
  expect([...digests, ...digests].map((one) => counts.add(one))).toEqual([1, 1, 1, 2, 2, 2]);
});

it("hands on the counts of those that were repeated", () => {
  const counts = new DigestCounts();
  for (let i = 0; i < 3000; i++) for (let times = 0; times <= i % 4; times++) counts.add(digest(i));
  const repeated = counts.repeated();
  expect(repeated).toHaveLength(2250 * 20);
  for (const i of [0, 1, 2, 3, 1500, 2999]) expect(countIn(repeated, digest(i)), `${i}`).toBe(1 + (i % 4));
  expect(countIn(repeated, digest(5000))).toBe(1);
  expect(countIn(new Uint8Array(), digest(1))).toBe(1);
});
