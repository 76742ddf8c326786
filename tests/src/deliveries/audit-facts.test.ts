import { create } from "@bufbuild/protobuf";
import { BatchStatusSchema, CombinationState, CombinationStatusSchema } from "@polyreel/contract";
import { describe, expect, it } from "vitest";
import type { Answers } from "./answers.js";
import { auditAnswers, auditFacts } from "./audit-facts.js";
import type { Recount } from "./recount.js";

const EXPECTED = { combinations: 2, deliveriesEach: 2 };
const fact = (combinationId: string, delivery: number, more: object = {}) => ({
  ...{ combinationId, delivery, attempt: 1, urlPath: "", path: `f${delivery}/${combinationId}.mp4` },
  ...more,
});
const ALL = [fact("a", 0), fact("a", 1), fact("b", 0), fact("b", 1)];
const PARTS = { distinct: 3, made: 2, reused: 1 };
const RIGHT: Recount = {
  planned: new Set(["a", "b"]),
  rendered: new Set(["a", "b"]),
  delivered: ALL,
  failed: new Map(),
  failedDeliveries: new Map(),
  parts: { clip: PARTS, voice: PARTS, sound: PARTS },
  madeAgain: 0,
  finished: 1,
};

describe("auditFacts", () => {
  it("finds nothing if each delivery has its fact", () => {
    expect(auditFacts(RIGHT, EXPECTED)).toEqual({ delivered: 4, twice: 0, missing: 0, problems: [] });
  });

  it.each<[string, Partial<Recount>, object]>([
    ["a delivery with two facts", { delivered: [...ALL, fact("a", 1)] }, { delivered: 4, twice: 1 }],
    ["a delivery without one", { delivered: ALL.slice(1) }, { delivered: 3, missing: 1 }],
    ["a delivery by a second attempt", { delivered: [fact("a", 0, { attempt: 2 }), ...ALL.slice(1)] }, {}],
    ["two deliveries in one file", { delivered: [fact("a", 0, { path: "f1/a.mp4" }), ...ALL.slice(1)] }, {}],
    ["a delivery that the batch has not", { delivered: [...ALL, fact("a", 2)] }, { delivered: 5 }],
    ["a combination that was never planned", { delivered: [...ALL, fact("c", 0)] }, { delivered: 5 }],
    ["a combination too few", { planned: new Set(["a"]) }, {}],
    ["a failure", { failed: new Map([["a", "The disk is full."]]) }, {}],
    ["a second end", { finished: 2 }, {}],
  ])("finds %s", (_what, wrong, counts) => {
    const audit = auditFacts({ ...RIGHT, ...wrong }, EXPECTED);
    expect(audit).toMatchObject(counts);
    expect(audit.problems.length).toBeGreaterThan(0);
  });
});

describe("auditAnswers", () => {
  const { DELIVERED, RENDERED } = CombinationState;
  const parts = { distinct: 3n, made: 2n, reused: 1n };
  const status = (more: object = {}) =>
    create(BatchStatusSchema, {
      combinations: { total: 2n, planned: 2n, rendered: 2n, delivered: 2n },
      deliveries: { total: 4n, delivered: 4n },
      ...{ clips: parts, voices: parts, soundtracks: parts },
      ...more,
    });
  const listed = (state = DELIVERED, path = "f1/b.mp4") => [
    ...["a", "b"].map((id) =>
      create(CombinationStatusSchema, {
        id,
        outputs: [0, 1].map((delivery) =>
          id === "b" && delivery === 1
            ? { delivery, state, path }
            : { delivery, state: DELIVERED, path: `f${delivery}/${id}.mp4` },
        ),
      }),
    ),
  ];
  const audit = (answers: Partial<Answers>) =>
    auditAnswers({ status: status(), combinations: listed(), ...answers }, RIGHT, EXPECTED);

  it("finds nothing if answers and stream agree", () => expect(audit({})).toEqual([]));

  it.each<[string, Partial<Answers>]>([
    [
      "a combination too many",
      { status: status({ combinations: { total: 2n, planned: 2n, rendered: 2n, delivered: 3n } }) },
    ],
    ["a delivery too few", { status: status({ deliveries: { total: 4n, delivered: 3n } }) }],
    ["a part too many", { status: status({ clips: { ...parts, made: 3n } }) }],
    ["a delivery that is not listed as one", { combinations: listed(RENDERED) }],
    ["a delivery elsewhere", { combinations: listed(DELIVERED, "f0/b.mp4") }],
    ["no answer", { status: undefined }],
  ])("finds %s", (_what, answers) => expect(audit(answers).length).toBeGreaterThan(0));
});
