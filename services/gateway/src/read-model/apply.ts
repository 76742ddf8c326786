import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { Told } from "@polyreel/platform/nats/follow.js";
import { applyToCombination } from "./apply-to-combination.js";
import type { BatchRecord, PartKind, PartState } from "./batch-record.js";
import { traceIdOf } from "./trace-id.js";

/** A part's state is the best that was said of it, whatever the order and however often. */
const RANK: Record<PartState, number> = { requested: 0, failed: 1, reused: 2, made: 3 };

/** Attempts and runs count from 1; a fact that names none is of the first. */
const attemptOf = (attempt: number): number => Math.max(1, attempt);

/**
 * Takes a fact into what is known of its batch. The result depends only on which facts were taken in: the same fact twice
 * changes nothing, and the order doesn't matter. No clock, no I/O.
 */
export function apply(batch: BatchRecord, told: Told): void {
  switch (told.name) {
    case "batch.submitted":
      batch.submitted = told.fact;
      batch.traceparent = told.traceparent;
      return;
    case "batch.planned":
      batch.planned = told.fact;
      return;
    case "batch.cancelled":
      batch.cancelled = true;
      return;
    case "batch.resumed":
      batch.run = Math.max(batch.run, told.fact.run);
      return;
    case "batch.requeued":
      batch.requeuedRuns.add(told.fact.run);
      return;
    case "batch.finished":
      if (attemptOf(told.fact.run) <= batch.finishedRun) return;
      batch.finishedRun = attemptOf(told.fact.run);
      batch.finishedAt = told.fact.time ? timestampDate(told.fact.time) : told.time;
      batch.finishedSequence = told.sequence;
      return;
    case "voice.requested":
    case "clip.requested":
    case "sound.requested":
      applyToPart(batch, kindOf(told.name), told.fact.hash, "requested");
      return;
    case "voice.ready":
    case "clip.ready":
    case "sound.ready":
      applyToPart(batch, kindOf(told.name), told.fact.hash, told.fact.reused ? "reused" : "made");
      return;
    case "voice.failed":
    case "clip.failed":
    case "sound.failed":
      applyToPart(batch, kindOf(told.name), told.fact.hash, "failed");
      return;
    case "combination.planned":
    case "combination.rendered": {
      const { combination, attempt } = told.fact;
      if (!combination) return;
      applyToCombination(batch, {
        ...combination,
        sequence: told.sequence,
        attempt: attemptOf(attempt),
        step: told.name === "combination.planned" ? "planned" : "rendered",
        certificate: told.name === "combination.rendered" ? told.fact.certificate : undefined,
        traceId: traceIdOf(told.traceparent),
      });
      return;
    }
    case "combination.delivered":
    case "combination.failed": {
      const { combinationId: id, ordinal, choices, attempt, traceId } = told.fact;
      applyToCombination(batch, {
        id,
        ordinal,
        choices,
        sequence: told.sequence,
        attempt: attemptOf(attempt),
        traceId: traceId || traceIdOf(told.traceparent),
        ...(told.name === "combination.delivered"
          ? {
              step: "delivered",
              path: told.fact.path,
              urlPath: told.fact.urlPath,
              picturePaths: told.fact.picturePaths,
              certificate: told.fact.certificate,
            }
          : { step: "failed", failure: told.fact.failure }),
      });
    }
  }
}

const kindOf = (name: `${PartKind}.${string}`): PartKind => name.slice(0, name.indexOf(".")) as PartKind;

function applyToPart(batch: BatchRecord, kind: PartKind, hash: string, state: PartState): void {
  const parts = batch.parts[kind];
  const before = parts.get(hash);
  if (before !== undefined && RANK[state] <= RANK[before]) return;
  parts.set(hash, state);
  if (state === "requested") batch.partsAwaited++;
  else if (before === "requested") batch.partsAwaited--;
}
