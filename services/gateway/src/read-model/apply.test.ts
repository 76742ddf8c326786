import { BatchState } from "@polyreel/contract";
import type { FactMessage } from "@polyreel/platform/stream";
import { describe, expect, it } from "vitest";
import { apply } from "./apply.js";
import { type BatchRecords, newBatchRecords } from "./batch-record.js";
import { batchStatus, combinationStatus, isComplete, knownCombination } from "./status.js";
import { combination, ended, factMessage, TRACE } from "./testing/fact-messages.js";

const after = (...history: FactMessage[]): BatchRecords => {
  const records = newBatchRecords("b1");
  for (const fact of history) apply(records, fact);
  return records;
};
const inOrder = ({ combinations }: BatchRecords) => [...combinations.values()].sort((a, b) => a.ordinal - b.ordinal);
const counts = ({ batch }: BatchRecords) => {
  const { total, planned, rendered, delivered, failed } = batchStatus(batch).combinations ?? {};
  return [total, planned, rendered, delivered, failed].map(Number);
};

/** A batch of three combinations: two delivered, one failed and delivered in its second attempt. */
const history: FactMessage[] = [
  factMessage("batch.submitted", { batchId: "b1", tenant: "acme", name: "spring", combinations: 3n }),
  factMessage("voice.requested", { hash: "v1" }),
  factMessage("clip.requested", { hash: "k1" }),
  factMessage("clip.requested", { hash: "k2" }),
  factMessage("combination.planned", combination(0)),
  factMessage("combination.planned", combination(1)),
  factMessage("combination.planned", combination(2)),
  factMessage("batch.planned", {
    combinations: 3n,
    clips: 2n,
    voices: 1n,
    soundtracks: 1n,
    clipSeconds: 5,
    combinationSeconds: 30,
  }),
  factMessage("voice.ready", { hash: "v1", reused: true }),
  factMessage("clip.failed", { hash: "k1", attempt: 1, failure: { reason: "away" } }),
  factMessage("clip.ready", { hash: "k1", attempt: 2 }),
  factMessage("clip.ready", { hash: "k2" }),
  factMessage("combination.rendered", combination(0)),
  factMessage("combination.delivered", { ...ended(0), urlPath: "/outputs/b1/c0/a.mp4" }),
  factMessage("combination.rendered", combination(1)),
  factMessage("combination.delivered", { ...ended(1), path: "b.mp4" }),
  factMessage("combination.failed", { ...ended(2), failure: { reason: "away" } }),
  factMessage("combination.rendered", combination(2, 2)),
  factMessage("combination.delivered", { ...ended(2, 2), path: "c.mp4" }),
];

/** The same list in an order determined by the seed. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  let state = seed;
  const random = () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

describe("apply", () => {
  it("counts distinct combinations and parts", () => {
    const status = batchStatus(after(...history).batch);
    expect(counts(after(...history))).toEqual([3, 3, 3, 3, 0]);
    expect(status).toMatchObject({
      tenant: "acme",
      name: "spring",
      state: BatchState.RUNNING,
      clips: { distinct: 2n, made: 2n, reused: 0n, failed: 0n },
      voices: { distinct: 1n, made: 0n, reused: 1n, failed: 0n },
      soundtracks: { distinct: 1n, made: 0n },
      clipSeconds: 5,
      combinationSeconds: 30,
      traceId: TRACE,
    });
  });

  it("ignores repeated facts", () => {
    const once = after(...history);
    expect(after(...history.flatMap((fact) => [fact, fact]))).toEqual(once);
    expect(after(...history, ...history)).toEqual(once);
  });

  it.each([1, 2, 3, 4, 5])("has the same result in any order (%i)", (seed) => {
    const batch = after(...shuffled(history, seed));
    expect(batchStatus(batch.batch)).toEqual(batchStatus(after(...history).batch));
    expect(inOrder(batch).map((one) => combinationStatus(one))).toEqual(
      inOrder(after(...history)).map((one) => combinationStatus(one)),
    );
  });

  it.each<[string, FactMessage[], number[]]>([
    ["nothing but the submission", [factMessage("batch.submitted", { combinations: 9n })], [9, 0, 0, 0, 0]],
    [
      "the planned total in place of the expected one",
      [factMessage("batch.planned", { combinations: 2n })],
      [2, 0, 0, 0, 0],
    ],
    ["a combination that failed before it was planned", [factMessage("combination.failed", ended(0))], [0, 1, 0, 0, 1]],
    [
      "the last attempt, not the first",
      [factMessage("combination.delivered", ended(0)), factMessage("combination.failed", ended(0, 2))],
      [0, 1, 0, 0, 1],
    ],
    [
      "an old attempt that is late not at all",
      [factMessage("combination.delivered", ended(0, 2)), factMessage("combination.failed", ended(0, 1))],
      [0, 1, 0, 1, 0],
    ],
    [
      "of one attempt the delivery rather than the failure",
      [factMessage("combination.delivered", ended(0)), factMessage("combination.failed", ended(0))],
      [0, 1, 0, 1, 0],
    ],
  ])("counts %s", (_, facts, expected) => {
    expect(counts(after(...facts))).toEqual(expected);
  });

  it("recognises a virtual output by its missing path", () => {
    const [virtual, written] = inOrder(after(...history)).map((one) => combinationStatus(one));
    expect(virtual).toMatchObject({ path: "", urlPath: "/outputs/b1/c0/a.mp4" });
    expect(written).toMatchObject({ path: "b.mp4", urlPath: "" });
  });

  it("shares one object for each choice", () => {
    const [first, , third] = inOrder(after(...history));
    expect(first?.choices[0]).toBe(third?.choices[0]);
  });
});

describe("isComplete", () => {
  const plan = factMessage("batch.planned", { combinations: 2n });
  const delivered = [
    plan,
    factMessage("combination.delivered", ended(0)),
    factMessage("combination.delivered", ended(1)),
  ];
  const resumed = [factMessage("batch.resumed", { run: 2, attempt: 2 }), factMessage("batch.requeued", { run: 2 })];
  it.each<[string, FactMessage[], boolean]>([
    ["not before it is planned", [factMessage("combination.delivered", ended(0))], false],
    ["not with one to come", [plan, factMessage("combination.delivered", ended(0))], false],
    [
      "not by one counted twice",
      [plan, factMessage("combination.delivered", ended(0)), factMessage("combination.failed", ended(0))],
      false,
    ],
    [
      "delivered and failed",
      [plan, factMessage("combination.delivered", ended(0)), factMessage("combination.failed", ended(1))],
      true,
    ],
    [
      "not before all parts are reported",
      [
        factMessage("clip.requested", { hash: "k1" }),
        plan,
        factMessage("combination.delivered", ended(0)),
        factMessage("combination.delivered", ended(1)),
      ],
      false,
    ],
    [
      "with all parts reported, in any order",
      [
        factMessage("clip.ready", { hash: "k1", reused: true }),
        factMessage("clip.requested", { hash: "k1" }),
        factMessage("sound.requested", { hash: "s1" }),
        plan,
        factMessage("combination.delivered", ended(0)),
        factMessage("combination.failed", ended(1)),
        factMessage("sound.failed", { hash: "s1" }),
      ],
      true,
    ],
    ["cancelled", [factMessage("clip.requested", { hash: "k1" }), factMessage("batch.cancelled", {})], true],
    ["with nothing to make", [factMessage("batch.planned", { combinations: 0n })], true],
    [
      "not before everything resumed is published again",
      [...delivered, factMessage("batch.resumed", { run: 2 })],
      false,
    ],
    [
      "not before what was resumed has ended",
      [...delivered, ...resumed, factMessage("combination.rendered", combination(0, 2))],
      false,
    ],
    [
      "with what was resumed, in any order",
      [
        factMessage("combination.delivered", ended(0, 2)),
        ...resumed,
        factMessage("combination.rendered", combination(0, 2)),
        ...delivered,
      ],
      true,
    ],
  ])("%s", (_, facts, complete) => {
    expect(isComplete(after(...facts).batch)).toBe(complete);
  });
});

describe("the state", () => {
  const submitted = factMessage("batch.submitted", {});
  const planned = factMessage("batch.planned", { combinations: 1n });
  const cancelled = factMessage("batch.cancelled", {});
  const finished = factMessage("batch.finished", { delivered: 1n }, 7);
  it.each<[string, FactMessage[]]>([
    ["PLANNING", [submitted]],
    ["RUNNING", [submitted, planned]],
    ["FINISHED", [submitted, planned, finished]],
    ["RUNNING", [submitted, planned, finished, factMessage("batch.resumed", { run: 2 })]],
    [
      "RUNNING",
      [submitted, planned, factMessage("batch.resumed", { run: 2 }), factMessage("batch.finished", { run: 1 })],
    ],
    [
      "FINISHED",
      [
        submitted,
        planned,
        finished,
        factMessage("batch.resumed", { run: 2 }),
        factMessage("batch.finished", { run: 2 }),
      ],
    ],
    ["CANCELLED", [submitted, cancelled]],
    ["CANCELLED", [submitted, planned, cancelled, finished]],
    ["FINISHED", [submitted, planned, finished, cancelled]],
    ["RUNNING", [submitted, planned, finished, cancelled, factMessage("batch.resumed", { run: 2 })]],
    ["CANCELLED", [submitted, planned, finished, cancelled, factMessage("batch.resumed", { run: 2 }), cancelled]],
    ["CANCELLED", [submitted, planned, factMessage("batch.resumed", { run: 2 }), finished, cancelled]],
  ])("%s", (state, facts) => {
    expect(BatchState[batchStatus(after(...facts).batch).state]).toBe(state);
  });

  it("records the position of the end in the stream", () => {
    expect(after(submitted, finished).batch.finishedSequence).toBe(7);
  });
});

describe("a batch planned by an earlier release, with pictures beside its videos", () => {
  const pictures = [
    { suffix: ".jpg", columns: 1 },
    { suffix: ".sheet.jpg", columns: 2 },
  ];
  const planned = factMessage("combination.planned", { ...combination(0), target: { folder: "spring", pictures } }, 1);
  const start = [
    factMessage("batch.submitted", { batchId: "b1", combinations: 1n }),
    factMessage("batch.planned", { combinations: 1n }),
    planned,
  ];
  const outcome = (records: BatchRecords) => {
    const { total, delivered, failed } = batchStatus(records.batch).deliveries ?? {};
    return [isComplete(records.batch), ...[total, delivered, failed].map(Number)];
  };

  it("is complete with the video's delivery, or failure, if worked by that release", () => {
    const delivered = factMessage("combination.delivered", {
      ...ended(0),
      ...{ path: "spring/a.mp4", picturePaths: ["spring/a.jpg", "spring/a.sheet.jpg"] },
    });
    expect(outcome(after(...start, delivered))).toEqual([true, 1, 1, 0]);
    expect(outcome(after(...start, factMessage("combination.failed", ended(0))))).toEqual([true, 1, 0, 1]);
  });

  it("is complete with every delivery if worked by this one, and names them", () => {
    const files = ["a.mp4", "a.jpg", "a.sheet.jpg"];
    const delivered = files.map((name, delivery) =>
      factMessage("combination.delivered", {
        ...ended(0),
        ...{ path: `spring/${name}`, delivery, output: delivery, deliveryCount: 3 },
      }),
    );
    expect(outcome(after(...start, ...delivered.slice(1)))[0]).toBe(false);
    const records = after(...start, ...delivered);
    expect(outcome(records)).toEqual([true, 3, 3, 0]);
    const [one] = inOrder(records);
    expect(one && combinationStatus(one).outputs.map(({ name }) => name)).toEqual(["video", "poster", "sheet"]);
    expect(one && knownCombination(one, []).deliveries.map(({ output }) => output)).toEqual([0, 1, 2]);
  });
});
