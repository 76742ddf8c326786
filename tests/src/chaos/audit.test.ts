import { create } from "@bufbuild/protobuf";
import { type FactName, facts } from "@polyreel/contract";
import type { FactMessage } from "@polyreel/platform/stream";
import { describe, expect, it } from "vitest";
import { auditBatch, partsMadeAgain } from "./audit.js";

const accepted = { combinations: ["a", "b", "c"].map((label) => JSON.stringify([label])) };
const batch = { ...accepted, unmakeable: new Set([JSON.stringify(["c"])]), deliveriesEach: 1 };

const fact = (name: FactName, fact: object = {}): FactMessage =>
  ({ name, fact: create(facts[name], fact) }) as FactMessage;
const choices = (choice: string) => [{ block: "v", choice }];
const delivered = (label: string, path = `${label}.mp4`) =>
  fact("combination.delivered", { choices: choices(label), path });
const failed = (label: string) =>
  fact("combination.failed", { choices: choices(label), failure: { reason: "It was drawn to be bad." } });
const end = fact("batch.finished");

const RIGHT = { accepted: 3, delivered: 2, failed: 1, lost: 0, duplicated: 0, problems: [] };

it("finds nothing if everything possible was delivered, and the rest reported", () => {
  expect(auditBatch(batch, [delivered("a"), failed("c"), delivered("b"), end])).toEqual(RIGHT);
});

it.each([
  ["a lost combination", [delivered("a"), failed("c"), end], { delivered: 1, lost: 1 }],
  ["a duplicate delivery", [delivered("a"), delivered("a"), delivered("b"), failed("c"), end], { duplicated: 2 }],
  ["two in one place", [delivered("a"), delivered("b", "a.mp4"), failed("c"), end], { duplicated: 1 }],
  ["a failure of a possible combination", [delivered("a"), failed("b"), failed("c"), end], { delivered: 1, failed: 2 }],
  ["a delivery of an impossible combination", [delivered("a"), delivered("b"), delivered("c"), end], { failed: 0 }],
  [
    "a delivery that was never requested",
    [delivered("a"), delivered("b"), delivered("x"), failed("c"), end],
    { delivered: 3 },
  ],
  ["a delivery that also failed", [delivered("a"), failed("a"), delivered("b"), failed("c"), end], {}],
  ["an end published twice", [delivered("a"), delivered("b"), failed("c"), end, end], {}],
  ["no end", [delivered("a"), delivered("b"), failed("c")], {}],
] as const)("finds %s", (_what, facts, counts) => {
  const audit = auditBatch(batch, facts);
  expect(audit).toMatchObject(counts);
  expect(audit.lost + audit.duplicated + audit.problems.length).toBeGreaterThan(0);
});

it("accepts a cancelled batch that ends early, and a retried one that ends twice", () => {
  const retried = [delivered("a"), failed("c"), delivered("b"), end, fact("batch.resumed"), failed("c"), end];
  expect(auditBatch(batch, retried)).toEqual(RIGHT);
  expect(auditBatch(batch, [...retried, end]).problems).toHaveLength(1);
  const cancelled = [delivered("a"), fact("batch.cancelled")];
  expect(auditBatch(batch, cancelled)).toMatchObject({ delivered: 1, lost: 0, problems: [] });
  expect(auditBatch(batch, [...cancelled, delivered("a")])).toMatchObject({ duplicated: 2 });
});

describe("a batch with several deliveries", () => {
  const twice = { ...batch, deliveriesEach: 2 };
  const output = (label: string, delivery: number, path = `${label}${delivery > 0 ? ".jpg" : ".mp4"}`) =>
    fact("combination.delivered", { choices: choices(label), delivery, deliveryCount: 2, path });
  const failedOnly = (label: string, deliveries: bigint) =>
    fact("combination.failed", { choices: choices(label), deliveries, deliveryCount: 2 });
  const all = [output("a", 0), output("b", 1), output("b", 0), failed("c"), output("a", 1), end];
  const right = { accepted: 6, delivered: 4, failed: 2, lost: 0, duplicated: 0, problems: [] };

  it("counts each of them", () => {
    expect(auditBatch(twice, all)).toEqual(right);
    const virtual = [output("a", 0, ""), output("a", 1), output("b", 0, ""), output("b", 1), failed("c"), end];
    expect(auditBatch(twice, virtual)).toEqual(right);
    const oneByOne = [...all.filter((fact) => fact !== all[3]), failedOnly("c", 1n), failedOnly("c", 2n)];
    expect(auditBatch(twice, oneByOne)).toEqual(right);
  });

  it.each([
    ["one that is lost", all.slice(1), { delivered: 3, lost: 1 }],
    [
      "one that is lost of a combination that failed",
      [...all.filter((fact) => fact !== all[3]), failedOnly("c", 2n)],
      { failed: 1, lost: 1 },
    ],
    ["one that is delivered again", [...all, output("b", 1)], { duplicated: 2 }],
    [
      "a virtual one that is delivered again",
      [...all.slice(1), output("a", 0, ""), output("a", 0, "")],
      { duplicated: 1 },
    ],
    ["two in one place", [...all.slice(1), output("a", 0, "b.jpg")], { duplicated: 1 }],
    ["one that was never requested", [...all, output("a", 2)], { delivered: 5 }],
    ["one that failed though it can be made", [...all.slice(1), failedOnly("a", 1n)], { delivered: 3, failed: 3 }],
  ] as const)("finds %s", (_what, facts, counts) => {
    const audit = auditBatch(twice, facts);
    expect(audit).toMatchObject(counts);
    expect(audit.lost + audit.duplicated + audit.problems.length).toBeGreaterThan(0);
  });
});

it("counts parts that were made again, over all batches", () => {
  const ready = (hash: string, reused: boolean) => fact("clip.ready", { hash, reused });
  expect(partsMadeAgain([ready("1", false), ready("1", true), ready("2", false)])).toBe(0);
  expect(partsMadeAgain([ready("1", false), ready("2", false), ready("1", false), ready("1", false)])).toBe(2);
});
