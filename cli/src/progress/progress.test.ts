import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Stage, WatchBatchResponseSchema } from "@polyreel/contract";
import { describe, expect, it } from "vitest";
import { drawBars, drawLine } from "./draw.js";
import { Eta } from "./eta.js";
import { viewStages, withTimesLeft } from "./stages.js";
import { Tally } from "./tally.js";
import { tryingAgainLine } from "./trying-again.js";

type Update = NonNullable<MessageInitShape<typeof WatchBatchResponseSchema>["update"]>;

const part = (stage: Stage, event: "requested" | "ready" | "failed", hash: string, attempt = 1): Update => ({
  case: "part",
  value: { stage, event: { case: event, value: { hash, attempt } } },
});

function tallyOf(...updates: Update[]): Tally {
  const tally = new Tally();
  for (const update of updates) tally.add(create(WatchBatchResponseSchema, { update }));
  return tally;
}

const running = [
  { case: "batchSubmitted", value: { combinations: 1200n } },
  part(Stage.CLIP, "requested", "a"),
  part(Stage.CLIP, "requested", "b"),
  part(Stage.CLIP, "requested", "b", 2),
  part(Stage.CLIP, "ready", "a"),
  { case: "progress", value: { stage: Stage.CLIP, id: "b", fraction: 0.5 } },
  { case: "combinationPlanned", value: {} },
  { case: "combinationDelivered", value: {} },
] satisfies Update[];

it("counts events, each part once", () => {
  expect(viewStages(tallyOf(...running))).toEqual([
    { name: "plan", done: 1, total: 1200, fraction: 1 / 1200, settled: true, failed: 0 },
    { name: "clips", done: 1, total: 2, fraction: 0.75, settled: false, failed: 0 },
    { name: "delivered", done: 1, total: 1200, fraction: 1 / 1200, settled: true, failed: 0 },
  ]);
});

it("knows the totals once everything is planned", () => {
  const planned = { combinations: 1200n, clips: 3n, voices: 1n, soundtracks: 2n };
  const failed: Update = { case: "combinationFailed", value: {} };
  const tally = tallyOf(...running, { case: "batchPlanned", value: planned }, failed);
  expect(viewStages(tally).map(({ name, done, total, settled }) => [name, done, total, settled])).toEqual([
    ["plan", 1200, 1200, true],
    ["voices", 0, 1, true],
    ["clips", 1, 3, true],
    ["soundtracks", 0, 2, true],
    ["delivered", 1, 1200, true],
  ]);
  expect(viewStages(tally).at(-1)).toMatchObject({ failed: 1, fraction: 2 / 1200 });
});

it("shows nothing before the batch's first fact", () => {
  expect(viewStages(tallyOf())).toEqual([]);
});

it("keeps no state of finished parts", () => {
  const tally = tallyOf(...running, part(Stage.CLIP, "ready", "b"));
  expect(tally.clips.running.size).toBe(0);
});

it("draws bars no wider than the terminal", () => {
  const stages = viewStages(tallyOf(...running)).map((stage) => ({ ...stage, leftSeconds: 75 }));
  expect(drawBars(stages, 60, (bar) => bar)).toEqual([
    `plan        ${"░".repeat(24)} 1/1,200, 1:15 min left`,
    `clips       ${"█".repeat(18)}${"░".repeat(6)} 1/2+, 1:15 min left`,
    `delivered   ${"░".repeat(24)} 1/1,200, 1:15 min left`,
  ]);
  expect(drawBars(stages, 30, (bar) => bar)[0]).toBe("plan        1/1,200, 1:15 min");
  for (const columns of [10, 20, 30, 40, 200]) {
    for (const line of drawBars(stages, columns, (bar) => bar)) expect(line.length).toBeLessThan(columns);
  }
});

it("draws one line for logs", () => {
  const stages = viewStages(tallyOf(...running)).map((stage) => ({ ...stage, leftSeconds: undefined }));
  expect(drawLine(stages)).toBe("plan 1/1,200 · clips 1/2+ · delivered 1/1,200");
});

describe("the remaining time", () => {
  it("is shown only once there is enough progress", () => {
    const eta = new Eta();
    expect(eta.left("clips", 0, 0)).toBeUndefined();
    expect(eta.left("clips", 0.1, 10)).toBeUndefined();
    expect(eta.left("clips", 0.11, 20)).toBeUndefined();
    expect(eta.left("clips", 0.6, 20)).toBeCloseTo(8);
    expect(eta.left("clips", 1, 30)).toBeUndefined();
  });

  it("counts down evenly, and follows a changed rate without jumps", () => {
    const eta = new Eta();
    const at = (now: number) => Math.min(1, now < 20 ? now / 200 : 0.1 + (now - 20) / 40); // Five times as fast.
    const shown = Array.from({ length: 56 }, (_, now) => eta.left("clips", at(now), now)).slice(8);
    const jumps = shown.slice(1).map((left, index) => Math.abs((shown[index] ?? 0) - (left ?? 0)));
    expect(Math.max(...jumps)).toBeLessThan(20);
    expect(shown[0]).toBeCloseTo(192, 0);
    expect(shown.at(-2)).toBeLessThan(4); // Two seconds before the end.
  });

  it("of deliveries is that of the parts that they wait for", () => {
    const stage = (name: string, fraction: number) => ({ name, fraction, done: 0, total: 1, settled: true, failed: 0 });
    const eta = new Eta();
    const shown = (clips: number, delivered: number, now: number) =>
      withTimesLeft([stage("plan", 1), stage("clips", clips), stage("delivered", delivered)], eta, now).map(
        ({ leftSeconds }) => leftSeconds && Math.round(leftSeconds),
      );
    expect(shown(0.1, 0.01, 1)).toEqual([undefined, undefined, undefined]);
    expect(shown(0.5, 0.05, 5)).toEqual([undefined, 5, 5]);
    expect(shown(1, 0.5, 10)).toEqual([undefined, undefined, expect.any(Number)]);
  });
});

it("counts a resumed run from its start", () => {
  const tally = tallyOf(
    ...running,
    { case: "batchResumed", value: { run: 2, attempt: 2, combinations: 5n } },
    part(Stage.CLIP, "requested", "b", 2),
    part(Stage.CLIP, "requested", "b", 3),
    { case: "combinationPlanned", value: { attempt: 2 } },
    { case: "combinationPlanned", value: { attempt: 3, losses: 1 } },
    { case: "combinationDelivered", value: { attempt: 2 } },
  );
  expect(viewStages(tally).map(({ name, done, total }) => [name, done, total])).toEqual([
    ["plan", 1, 5],
    ["clips", 0, 1],
    ["delivered", 1, 5],
  ]);
});

it("shows what is retried, how often it was tried, and when the next attempt is due", () => {
  const retry = (id: string, tried: number, seconds: number, reason = "The store is not mounted.") =>
    ({
      case: "progress",
      value: {
        stage: Stage.CLIP,
        id,
        tryingAgain: { tried, tries: 5, nextAt: timestampFromMs(seconds * 1000), reason },
      },
    }) satisfies Update;
  const tally = tallyOf(retry("a", 1, 3), retry("b", 1, 9), retry("a", 2, 12), retry("c", 4, 30));
  const line = (seconds: number) => tryingAgainLine(tally.retries.values(), seconds * 1000);
  expect(line(1)).toBe("trying again: 3, next in 8.0 s (tried 1 of 5): The store is not mounted.");
  expect(line(10)).toBe("trying again: 2, next in 2.0 s (tried 2 of 5): The store is not mounted.");
  expect(line(28)).toBe("trying again: in 2.0 s (tried 4 of 5): The store is not mounted.");
  expect(line(31)).toBeUndefined();
  const readOnly = retry("d", 7, 40, "The file system is read-only.");
  const waiting = { ...readOnly.value.tryingAgain, tries: 0, until: timestampFromMs(630_000) };
  const outage = tallyOf({ ...readOnly, value: { ...readOnly.value, tryingAgain: waiting } });
  expect(tryingAgainLine(outage.retries.values(), 30_000)).toBe(
    "waiting: in 10 s (tried 7 times, fails in 10:00 min): The file system is read-only.",
  );
  expect(viewStages(tallyOf(...running, retry("b", 1, 3)))).toEqual(viewStages(tallyOf(...running)));
});
