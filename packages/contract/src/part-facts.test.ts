import { expect, it } from "vitest";
import { facts } from "./facts.js";
import { isPartFact, kindOfFact, perKind, requestedKinds } from "./part-facts.js";

it("keeps the kinds and facts of the releases before", () => {
  expect(requestedKinds).toEqual(expect.arrayContaining(["voice", "clip", "sound"]));
  for (const kind of requestedKinds) {
    for (const event of ["requested", "ready", "failed"]) expect(Object.keys(facts)).toContain(`${kind}.${event}`);
  }
});

it("requests a transition as a clip", () => {
  expect(requestedKinds).not.toContain("transition");
  expect(Object.keys(facts)).not.toContain("transition.requested");
});

it.each([
  ["clip.ready", undefined, true],
  ["clip.ready", "ready", true],
  ["clip.ready", "failed", false],
  ["combination.failed", undefined, false],
  ["combination.failed", "failed", false],
  [undefined, undefined, false],
] as const)("tells facts of parts by name and event: %s, %s", (name, event, is) => {
  expect(isPartFact({ name }, event)).toBe(is);
});

it("has a value for every kind", () => {
  expect(Object.keys(perKind(() => 0))).toEqual([...requestedKinds]);
  expect(perKind((kind) => kindOfFact(`${kind}.failed`))).toMatchObject({ voice: "voice", clip: "clip" });
});
