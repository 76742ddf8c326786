import { useQuery } from "@tanstack/preact-query";
import { batches } from "../api/clients.js";

export interface BlockOfBatch {
  readonly name: string;
  /** Labels, in the batch's order. */
  readonly choices: readonly string[];
}

/** The blocks of a batch that its videos differ by. They never change. */
export function useBlocks(batchId: string) {
  return useQuery({
    queryKey: ["blocks", batchId],
    queryFn: async ({ signal }): Promise<BlockOfBatch[]> => {
      const { batch } = await batches.getBatchSpecification({ batchId }, { signal });
      return (batch?.blocks ?? []).map(({ name, kind }) => ({
        name,
        choices: (kind.value?.choices ?? []).map(({ label }) => label),
      }));
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}
