import type { ServerEvent } from "@polyreel/platform/stream";
import { formatSeconds } from "../terminal/numbers.js";

/** The line shown when the event stream's server ends unexpectedly, or is back. */
export function serverEventLine(event: ServerEvent): string {
  if (event.kind === "ended") return `nats-server ended (${event.how}); starting it again, the work waits`;
  return `nats-server runs again, after ${formatSeconds(event.afterMs / 1000)}; the work goes on`;
}
