import { timestampDate } from "@bufbuild/protobuf/wkt";
import { reaches } from "../../call/call.js";
import { comparePositions, NEWEST_FIRST, positionOf } from "../batch-order.js";
import {
  type NamedBatches,
  type NamedBatchesQuery,
  type NamedTally,
  type NamedTallyQuery,
  type Standing,
  standingOf,
  standings,
} from "../named-batches.js";
import type { KnownBatch } from "../read-model.js";

export function namedBatches(all: readonly KnownBatch[], query: NamedBatchesQuery): KnownBatch[] {
  const compare = comparePositions(NEWEST_FIRST);
  return named(all, query)
    .filter(({ standing }) => query.standing === undefined || standing === query.standing)
    .map(({ batch }) => ({ batch, position: positionOf(batch.status, NEWEST_FIRST) }))
    .sort((a, b) => compare(a.position, b.position))
    .slice(query.offset, query.offset + query.limit)
    .map(({ batch }) => batch);
}

export function namedTally(all: readonly KnownBatch[], query: NamedTallyQuery): NamedTally {
  const found = named(all, query);
  const among = (wanted: Standing) => found.filter(({ standing }) => standing === wanted);
  const today = (wanted: Standing) =>
    among(wanted).filter(({ batch }) => (finishedAt(batch) ?? Number.NEGATIVE_INFINITY) >= query.dayBegan.getTime())
      .length;
  const seconds = among("completed").map(({ batch }) => ((finishedAt(batch) ?? 0) - submittedAt(batch)) / 1000);
  return {
    all: Object.fromEntries(standings.map((one) => [one, among(one).length])) as Record<Standing, number>,
    today: { completed: today("completed"), failed: today("failed") },
    averageSeconds: seconds.length > 0 ? seconds.reduce((sum, one) => sum + one, 0) / seconds.length : undefined,
  };
}

function named(all: readonly KnownBatch[], { scope, prefix }: NamedBatches) {
  return all.flatMap((batch) => {
    const standing = standingOf(batch.status);
    const isMeant = reaches(scope, batch.status.tenant) && batch.status.name.startsWith(prefix);
    return isMeant && standing ? [{ batch, standing }] : [];
  });
}

const submittedAt = ({ status }: KnownBatch): number =>
  status.submittedAt ? timestampDate(status.submittedAt).getTime() : 0;
const finishedAt = ({ status }: KnownBatch): number | undefined =>
  status.finishedAt && timestampDate(status.finishedAt).getTime();
