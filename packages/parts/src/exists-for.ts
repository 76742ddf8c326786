import type { PartRequested } from "@polyreel/contract";
import type { PartKindName } from "./kinds/part-kinds.js";
import type { PartStore } from "./part-store.js";

/**
 * Whether a requested part exists. The first request of a batch may be answered from memory: if the part was lost a moment
 * ago, the work that needs it requests it again, as a later attempt, for which the store is always asked.
 */
export const existsFor = (
  { hash, attempt }: Pick<PartRequested, "hash" | "attempt">,
  kind: PartKindName,
  parts: PartStore,
): Promise<boolean> => (attempt <= 1 ? parts.hasLately(kind, hash) : parts.has(kind, hash));
