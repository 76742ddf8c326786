import type { BatchSubmitted } from "@polyreel/contract";

/** What is kept of a batch for its notifications. */
export interface NoticeBook {
  readonly batchId: string;
  /** Position of its submission in the stream. */
  readonly generation: number;
  readonly submitted: BatchSubmitted;
  /** In its newest run, so far: single events, whether they were reported one by one or not. */
  failures: number;
  deliveries: number;
  cancelled: boolean;
  /** Events that were not recorded because too much waited; reported at its end. */
  unreported: number;
  /** Receivers that want nothing more of this batch. */
  readonly stopped: readonly string[];
}

export const newNoticeBook = (submitted: BatchSubmitted, generation: number): NoticeBook => ({
  batchId: submitted.batchId,
  generation,
  submitted,
  failures: 0,
  deliveries: 0,
  cancelled: false,
  unreported: 0,
  stopped: [],
});
