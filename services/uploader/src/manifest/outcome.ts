import type { ManifestRow } from "@polyreel/spec/rows";

/** How far a delivery came: planned only where the batch was cancelled before more became of it. */
export type Step = "planned" | "failed" | "rejected" | "delivered";

/** What one fact says of a delivery. */
export interface Outcome {
  /** Of its row: combinations in the batch's order, of each its deliveries in theirs. */
  readonly position: number;
  /** From 1; 0 for what counts only where nothing else is said. */
  readonly attempt: number;
  readonly step: Step;
  /** Where its output lies, or was bound for: below the destination's root. */
  readonly folder: string;
  readonly row: ManifestRow;
}
