import type { ManifestRow } from "@polyreel/spec/rows";

/** Furthest step of a delivery; `planned` if the batch was cancelled after that. */
export type Step = "planned" | "failed" | "rejected" | "delivered";

/** A fact about a delivery. */
export interface Outcome {
  /** Position of its row: by combination in the batch's order, then by delivery. */
  readonly position: number;
  /** From 1; 0 for an outcome that applies only if there is no other. */
  readonly attempt: number;
  readonly step: Step;
  /** Folder of its output, written or intended, relative to the destination's root. */
  readonly folder: string;
  readonly row: ManifestRow;
}
