import type { CombinationCounts } from "@polyreel/contract";

/** Approval counts of a batch as plain JSON. */
export const plainApproval = (counts: CombinationCounts | undefined) => ({
  awaitingApproval: Number(counts?.awaitingApproval ?? 0n),
  approved: Number(counts?.approved ?? 0n),
  rejected: Number(counts?.rejected ?? 0n),
});
