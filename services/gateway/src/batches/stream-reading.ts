import { STREAM } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { retryUnlessAborted } from "@polyreel/platform/flow";
import { type EventStream, lastFact, rightRefusedIn } from "@polyreel/platform/stream";

const RETRY_MS = 500;

/**
 * Throws PolyreelError `out_of_range` for a position beyond the stream: it would be waited for, and earlier facts skipped,
 * including the batch's end. `field`: what the client calls the position.
 */
export async function assertWithin(
  { connection, manager }: EventStream,
  afterSequence: number,
  field: string,
): Promise<void> {
  const { last_seq } = await manager.streams.info(STREAM).then(
    ({ state }) => state,
    (error: unknown) => {
      throw (
        rightRefusedIn(error, connection) ??
        new PolyreelError(
          "unavailable",
          { reason: "The event stream (NATS) did not answer.", remedy: "Try again in a moment." },
          { cause: error },
        )
      );
    },
  );
  if (afterSequence <= last_seq) return;
  throw new PolyreelError("out_of_range", {
    field,
    reason: `The event stream ends at ${last_seq}; there is no fact ${afterSequence} to go on after.`,
    remedy: "Give the sequence of the last fact you saw, or 0 to see all. A stream that was lost counts from 1 again.",
  });
}

/** Whether the end of a run is the end of the batch: it may have been resumed since. Repeated until the stream answers. */
export async function isOver(stream: EventStream, batchId: string, run: number, signal: AbortSignal): Promise<boolean> {
  const look = async () => {
    const resumed = await lastFact(stream, "batch.resumed", batchId);
    return !resumed || resumed.fact.run <= run;
  };
  return (await retryUnlessAborted(look, () => RETRY_MS, signal)) ?? true;
}

/** The error of a call that is still reading when its gateway closes: its client goes on at another one. */
export const gatewayEnds = (field: string) =>
  new PolyreelError("unavailable", {
    reason: "The gateway is ending.",
    remedy: `Call again with ${field}: the sequence of the last fact you saw.`,
  });
