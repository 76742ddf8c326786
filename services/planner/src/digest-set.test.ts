import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { DigestSet } from "./digest-set.js";

const digest = (i: number) => createHash("sha256").update(`${i}`).digest("hex");

it("recognises every added digest, also after growing", () => {
  const set = new DigestSet();
  for (let i = 0; i < 5000; i++) expect(set.add(digest(i)), `${i}`).toBe(true);
  for (let i = 0; i < 5000; i++) expect(set.add(digest(i)), `${i} again`).toBe(false);
  expect(set.size).toBe(5000);
});

it("distinguishes digests that differ late, and recognises one that starts with zeros", () => {
  const set = new DigestSet();
  const digests = ["0".repeat(64), `${"0".repeat(31)}1${"0".repeat(32)}`, `${"a".repeat(31)}b${"0".repeat(32)}`];
  expect([...digests, ...digests].map((one) => set.add(one))).toEqual([true, true, true, false, false, false]);
});
