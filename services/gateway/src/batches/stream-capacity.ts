import { STREAM } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { type EventStream, rightRefusedIn } from "@polyreel/platform/stream";

/** Batches that would fill the stream beyond this are refused, so that the facts of accepted ones still fit. */
const WATERMARK = 0.9;

/** Throws PolyreelError `exhausted` if the stream has no room for about this many more bytes. */
export async function assertStreamCapacity(stream: EventStream, batchBytes = 0): Promise<void> {
  const { state, config } = await stream.manager.streams.info(STREAM).catch((error: unknown) => {
    throw (
      rightRefusedIn(error, stream.connection) ??
      new PolyreelError(
        "unavailable",
        { reason: "The event stream (NATS) did not answer.", remedy: "Try again; nothing was accepted." },
        { cause: error },
      )
    );
  });
  const room = config.max_bytes * WATERMARK;
  if (config.max_bytes <= 0 || state.bytes + batchBytes < room) return;
  if (state.bytes >= room) {
    throw new PolyreelError("exhausted", {
      reason: "The event stream is nearly full; new batches are refused so that running ones can end.",
      remedy: "Remove finished batches, or raise POLYREEL_STREAM_MAX_BYTES.",
    });
  }
  throw new PolyreelError("exhausted", {
    field: "batch",
    reason: `The batch takes about ${megabytes(batchBytes)} of the event stream, which has room for ${megabytes(room - state.bytes)}.`,
    remedy: "Make only a sample of it, or split it; remove finished batches; or raise POLYREEL_STREAM_MAX_BYTES.",
  });
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6).toLocaleString("en-US")} MB`;
