import { type BatchState, requestedKinds } from "@polyreel/contract";
import { reaches } from "../../call/call.js";
import type { BatchRecord, BatchRecords, CombinationRecord, CombinationStep } from "../batch-record.js";
import { stepOf, timesOf } from "../combination-state.js";
import { durationsOf, encodingSeconds } from "../durations.js";
import { percentiles } from "../percentiles.js";
import { type KnownStats, NEWEST, type StatsQuery } from "../read-model.js";
import { isLive, stateOf } from "../status.js";
import { type Ended, firstTimeBucketFrom, timeBucketOfNewest } from "../time-buckets.js";

/** Statistics over all batches. */
export function statsOf(all: Iterable<BatchRecords>, { scope, dayBegan }: StatsQuery): KnownStats {
  const query = [...all].filter(({ batch }) => batch.submitted && reaches(scope, batch.submitted.tenant));
  const batches = query.map(({ batch }) => batch);
  const live = batches.filter((batch) => isLive(stateOf(batch)));
  const parts = query.flatMap((records) => requestedKinds.flatMap((kind) => [...records.parts[kind].values()]));
  const ends = query.flatMap(({ ended }) => [...ended]);
  const since = timeBucketOfNewest(ends, NEWEST);
  const lately = endedSince(query, new Date(since));
  const spans = newest(lately, (one) => timesOf(one).ended).map((one) => durationsOf(timesOf(one)));
  const whole = firstTimeBucketFrom(dayBegan);
  const before = whole > dayBegan.getTime() ? endedSince(query, dayBegan, new Date(whole)) : [];
  const today = (step: keyof Ended) =>
    ends.reduce((total, [quarter, ended]) => total + (quarter >= whole ? ended[step] : 0), 0) +
    before.filter((one) => stepOf(one) === step).length;
  return {
    batches: countByState(batches),
    combinations: {
      planned: sum(live, inStep("planned")),
      rendered: sum(live, inStep("rendered")),
      delivered: sum(batches, inStep("delivered")),
      failed: sum(batches, inStep("failed")),
      awaitingApproval: sum(live, inStep("awaiting")),
      rejected: sum(batches, inStep("rejected")),
    },
    today: { delivered: today("delivered"), failed: today("failed") },
    queued: {
      voices: sum(live, (batch) => batch.parts.voice.requested),
      clips: sum(live, (batch) => batch.parts.clip.requested),
      soundtracks: sum(live, (batch) => batch.parts.sound.requested),
      renditions: sum(live, (batch) => batch.parts.rendition.requested),
      joins: sum(live, inStep("planned")),
      deliveries: sum(live, inStep("rendered")),
    },
    waiting: percentiles(spans.map(({ waiting }) => waiting)),
    encoding: percentiles(newest(parts, ({ endedAt }) => endedAt).map(encodingSeconds)),
    joining: percentiles(spans.map(({ joining }) => joining)),
    delivery: percentiles(spans.map(({ delivery }) => delivery)),
  };
}

/** Combinations that were delivered or failed in an interval. */
const endedSince = (all: readonly BatchRecords[], since: Date, before?: Date): CombinationRecord[] =>
  all.flatMap(({ combinations }) =>
    [...combinations.values()].filter((one) => {
      const { ended } = timesOf(one);
      return stepOf(one) !== "rejected" && ended && ended >= since && (!before || ended < before);
    }),
  );

const inStep = (step: CombinationStep) => (batch: BatchRecord) => batch.combinations.inStep[step];

const sum = (batches: readonly BatchRecord[], of: (batch: BatchRecord) => number): number =>
  batches.reduce((total, batch) => total + of(batch), 0);

function newest<T>(items: readonly T[], endOf: (item: T) => Date | undefined): T[] {
  const time = (item: T) => endOf(item)?.getTime() ?? 0;
  return items
    .filter(endOf)
    .sort((a, b) => time(b) - time(a))
    .slice(0, NEWEST);
}

function countByState(batches: readonly BatchRecord[]): Map<BatchState, number> {
  const counts = new Map<BatchState, number>();
  for (const batch of batches) counts.set(stateOf(batch), (counts.get(stateOf(batch)) ?? 0) + 1);
  return counts;
}
