import { PolyreelError } from "@polyreel/platform";

/** Header of a reconnecting client. */
export const LAST_EVENT_ID = "last-event-id";

/**
 * Position of the last fact that a client has seen; 0 for none. The query is for a first connection: an EventSource
 * repeats it on every later one, with the header that counts then. Throws PolyreelError `invalid` for anything but a
 * position.
 */
export function lastSequence(header: string | undefined, query: unknown): number {
  const given = header || query || "0";
  const sequence = typeof given === "string" && /^\d{1,16}$/.test(given) ? Number(given) : Number.NaN;
  if (Number.isSafeInteger(sequence)) return sequence;
  throw new PolyreelError("invalid", {
    field: header ? "Last-Event-ID" : "lastEventId",
    reason: `${JSON.stringify(String(given).slice(0, 80))} is not the id of an event.`,
    remedy: "Give the id of the last event you saw, or leave it out to see all.",
  });
}
