import { BatchState, type BatchStatus } from "@polyreel/contract";
import type { Scope } from "../call/call.js";

/** How a batch stands, in the words of clients that know jobs only. */
export const standings = ["pending", "processing", "completed", "failed"] as const;
export type Standing = (typeof standings)[number];

/** Undefined for a batch that is being deleted. A batch with a failed combination has failed, and so has a cancelled one. */
export function standingOf({ state, combinations }: Pick<BatchStatus, "state" | "combinations">): Standing | undefined {
  switch (state) {
    case BatchState.PLANNING:
      return "pending";
    case BatchState.RUNNING:
    case BatchState.AWAITING_APPROVAL:
      return "processing";
    case BatchState.FINISHED:
      return (combinations?.failed ?? 0n) > 0n ? "failed" : "completed";
    case BatchState.CANCELLED:
      return "failed";
    default:
      return undefined;
  }
}

/** Batches by the beginning of their names, without those that are being deleted. */
export interface NamedBatches {
  readonly scope: Scope;
  /** ASCII, not empty. */
  readonly prefix: string;
}

/** A page of them, newest first. */
export interface NamedBatchesQuery extends NamedBatches {
  /** Any if undefined. */
  readonly standing?: Standing | undefined;
  readonly offset: number;
  readonly limit: number;
}

export interface NamedTallyQuery extends NamedBatches {
  /** Start of the day, for today's counts. */
  readonly dayBegan: Date;
}

export interface NamedTally {
  readonly all: Readonly<Record<Standing, number>>;
  /** Those that ended today. */
  readonly today: Readonly<Record<"completed" | "failed", number>>;
  /** From the submission to the end, of those that completed; undefined without any. */
  readonly averageSeconds: number | undefined;
}
