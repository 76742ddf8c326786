import type { Eta } from "./eta.js";
import type { PartTally, Tally } from "./tally.js";

/** One line of the display. */
export interface StageView {
  name: string;
  done: number;
  total: number;
  /** 0 to 1, including work in progress. */
  fraction: number;
  /** The total is known. */
  settled: boolean;
  failed: number;
}

export interface StageLine extends StageView {
  leftSeconds: number | undefined;
}

/** The stages of a batch in order. A stage without work so far is left out, so before the first event all of them are. */
export function viewStages(tally: Tally): StageView[] {
  const { combinations, planned, deliveries, delivered, failed, failures, awaiting, rejected, allPlanned } = tally;
  if (combinations === 0) return [];
  const plan = allPlanned ? combinations : Math.min(planned + failures, combinations);
  return [
    count("plan", plan, combinations),
    ...parts("voices", tally.voices),
    ...parts("clips", tally.clips),
    ...parts("soundtracks", tally.soundtracks),
    ...parts("renditions", tally.renditions),
    ...(awaiting > 0 ? [count("laid out", Math.min(awaiting + delivered + failed, deliveries), deliveries)] : []),
    ...(rejected > 0 ? [count("rejected", Math.min(rejected, deliveries), deliveries)] : []),
    {
      ...count("delivered", Math.min(delivered + failed, deliveries), deliveries),
      done: Math.min(delivered, deliveries),
      failed,
    },
  ];
}

/**
 * Adds the remaining times. Deliveries wait for parts, and most follow within moments after the last ones: until then
 * their own rate tells nothing, and their time is that of the slowest stage before them.
 */
export function withTimesLeft(stages: readonly StageView[], eta: Eta, now: number): StageLine[] {
  const lines = stages.map((stage) => ({ ...stage, leftSeconds: eta.left(stage.name, stage.fraction, now) }));
  const makings = lines.filter(({ name, fraction, settled }) => MAKING.has(name) && (fraction < 1 || !settled));
  if (makings.length === 0) return lines;
  const known = makings.flatMap(({ leftSeconds }) => leftSeconds ?? []);
  const slowest = known.length === makings.length ? Math.max(...known) : undefined;
  return lines.map((line) =>
    MAKING.has(line.name) ? line : { ...line, leftSeconds: line.name === "plan" ? line.leftSeconds : slowest },
  );
}

const MAKING: ReadonlySet<string> = new Set(["voices", "clips", "soundtracks"]);

function parts(name: string, { requested, done, expected, running }: PartTally): StageView[] {
  const total = Math.max(expected ?? 0, requested);
  if (total === 0) return [];
  const inProgress = [...running.values()].reduce((sum, fraction) => sum + fraction, 0);
  const view = count(name, Math.min(done, total), total);
  return [{ ...view, fraction: Math.min(1, (done + inProgress) / total), settled: expected !== undefined }];
}

const count = (name: string, done: number, total: number): StageView => ({
  name,
  done,
  total,
  fraction: done / total,
  settled: true,
  failed: 0,
});
