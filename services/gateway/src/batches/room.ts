import { STREAM } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform/errors.js";
import type { EventStream } from "@polyreel/platform/nats/stream.js";

/** Batches are refused when the stream is this full, so that the facts of those accepted still find room. */
const WATERMARK = 0.9;

/** Throws PolyreelError `exhausted` where the stream has no room for another batch. */
export async function assertRoom(stream: EventStream): Promise<void> {
  const { state, config } = await stream.manager.streams.info(STREAM).catch((error: unknown) => {
    throw new PolyreelError(
      "unavailable",
      { reason: "The event stream (NATS) did not answer.", remedy: "Try again; nothing was accepted." },
      { cause: error },
    );
  });
  if (config.max_bytes <= 0 || state.bytes < config.max_bytes * WATERMARK) return;
  throw new PolyreelError("exhausted", {
    reason: "The event stream is nearly full; new batches are refused so that running ones can end.",
    remedy: "Remove finished batches, or raise POLYREEL_STREAM_MAX_BYTES.",
  });
}
