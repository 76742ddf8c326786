import type { RequestedKind } from "@polyreel/contract";
import type { BatchRecords, PartRecord, PartState } from "./batch-record.js";

/** A part's state is the best one reported, independent of order and repetition. */
const PART_RANK: Record<PartState, number> = { requested: 0, failed: 1, reused: 2, made: 3 };

/** Content of a fact about a part. */
export interface PartReport {
  readonly kind: RequestedKind;
  readonly hash: string;
  readonly state: PartState;
  readonly time: Date;
}

export function applyToPart({ batch, parts }: BatchRecords, { kind, hash, state, time }: PartReport): void {
  const known = parts[kind].get(hash);
  const record: PartRecord = known ?? { state, requestedAt: undefined, endedAt: undefined };
  if (state === "requested") record.requestedAt ??= time;
  const better = !known || PART_RANK[state] > PART_RANK[known.state];
  if (!better) return;
  if (known) batch.parts[kind][known.state]--;
  batch.parts[kind][state]++;
  record.state = state;
  if (state !== "requested") record.endedAt = time;
  parts[kind].set(hash, record);
}
