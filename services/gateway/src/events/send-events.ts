import { once } from "node:events";
import type { Writable } from "node:stream";
import type { WatchBatchResponse } from "@polyreel/contract";
import type { Handler } from "../server/one-port.js";
import { unreadBytes } from "../server/responses.js";
import { eventOfUpdate } from "./event-of-update.js";
import { eventText, KEEP_ALIVE, retryText } from "./server-sent-event.js";

const RETRY_MS = 1000;
/** Proxies close connections that are silent for longer: often after 30 s or 60 s. */
const KEEP_ALIVE_MS = 15_000;

const HEADERS = {
  "Content-Type": "text/event-stream",
  // Compressing or buffering proxies would hold events back.
  "Cache-Control": "no-store, no-transform",
  "X-Accel-Buffering": "no",
  "X-Content-Type-Options": "nosniff",
};

interface Options {
  readonly signal: AbortSignal;
  readonly keepAliveMs?: number;
}

/**
 * Sends updates as server-sent events, as fast as the client reads, with comments in between that keep the connection
 * open; then `last`. Throws what the updates throw, without sending `last`; the response remains open then.
 */
export async function sendEvents(
  response: Parameters<Handler>[1],
  updates: AsyncIterable<WatchBatchResponse>,
  last: string,
  { signal, keepAliveMs = KEEP_ALIVE_MS }: Options,
): Promise<void> {
  response.writeHead(200, HEADERS);
  const client: Writable = response;
  client.write(retryText(RETRY_MS));
  const keepAlive = setInterval(() => {
    // Not to a client that reads nothing: it would seem to read.
    if (unreadBytes(response) === 0) client.write(KEEP_ALIVE);
  }, keepAliveMs);
  try {
    for await (const update of updates) {
      signal.throwIfAborted();
      const event = eventOfUpdate(update);
      if (event && !client.write(eventText(event))) await once(client, "drain", { signal });
    }
  } finally {
    clearInterval(keepAlive);
  }
  client.end(last);
}
