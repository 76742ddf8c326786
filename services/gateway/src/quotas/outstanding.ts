import type { KnownReservation } from "../read-model/reservation.js";
import { type BatchUse, lessUse, NO_USE } from "../usage/batch-use.js";
import type { SpentInMonth } from "../usage/spent-characters.js";
import type { StoredNow } from "../usage/stored-bytes.js";

/** Counts that are made now and then; undefined: not needed. */
interface Counts {
  readonly stored: StoredNow | undefined;
  readonly characters: SpentInMonth | undefined;
}

/**
 * What batches may still use, by id: of bytes delivered and encode seconds until they end, of what is counted now and then
 * until the count includes their end. Nobody knows whose bytes the store has, so of those a batch keeps all.
 */
export function outstanding(
  reservations: readonly KnownReservation[],
  { stored, characters }: Counts,
): ReadonlyMap<string, BatchUse> {
  return new Map(
    reservations.map(({ batchId, upTo, spent: reported, endedAt }) => {
      const spent = { ...NO_USE, ...reported, speechCharacters: characters?.byBatch.get(batchId) ?? 0 };
      const rest = lessUse(upTo, spent);
      const isCounted = (counted: StoredNow | SpentInMonth | undefined) =>
        endedAt !== undefined && (!counted || endedAt < counted.countedAt);
      const left = {
        storedBytes: isCounted(stored) ? 0 : rest.storedBytes,
        deliveredBytes: endedAt ? 0 : rest.deliveredBytes,
        speechCharacters: isCounted(characters) ? 0 : rest.speechCharacters,
        encodeSeconds: endedAt ? 0 : rest.encodeSeconds,
      };
      return [batchId, left] as const;
    }),
  );
}
