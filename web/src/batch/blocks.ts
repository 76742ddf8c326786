import type { ChoiceCounts } from "@polyreel/contract";
import { useQuery } from "@tanstack/preact-query";
import { batches } from "../api/clients.js";

export interface BlockOfBatch {
  readonly name: string;
  readonly choices: readonly ChoiceCounts[];
}

/** What a batch's videos differ by, with the number of videos by state of each choice. */
export function useBlocks(batchId: string) {
  return useQuery({
    queryKey: ["blocks", batchId],
    queryFn: async ({ signal }): Promise<BlockOfBatch[]> =>
      byBlock((await batches.getChoiceCounts({ batchId }, { signal })).choices),
  });
}

function byBlock(counts: readonly ChoiceCounts[]): BlockOfBatch[] {
  const blocks = new Map<string, ChoiceCounts[]>();
  for (const one of counts) {
    const choices = blocks.get(one.block) ?? [];
    blocks.set(one.block, choices);
    choices.push(one);
  }
  return Array.from(blocks, ([name, choices]) => ({ name, choices }));
}
