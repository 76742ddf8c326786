import { toPolyreelError } from "@polyreel/platform";
import type { Log } from "@polyreel/platform/runtime";
import type { BatchDeps } from "../batches/deps.js";
import { openWatch } from "../batches/watch-batch.js";
import type { Handler } from "../server/one-port.js";
import { cutResponse } from "../server/responses.js";
import { callOf, type WebApp } from "../web/web-app.js";
import { endEvent } from "./event-of-update.js";
import { LAST_EVENT_ID, lastSequence } from "./last-event-id.js";
import { sendEvents } from "./send-events.js";
import { eventText } from "./server-sent-event.js";

type EventsDeps = BatchDeps & { readonly log: Log };

/**
 * Serves the updates of a batch as server-sent events, for pages and scripts without a client of the API. A client that
 * reconnects with the id of its last event misses no fact and gets none twice. After the end it is answered 204, which
 * stops browsers from reconnecting.
 */
export const serveEvents = (deps: EventsDeps) => (app: WebApp) => {
  // A response to HEAD would never end.
  app.get("/events/:batchId", { exposeHeadRoute: false }, async (request, reply) => {
    const { batchId } = request.params as { batchId: string };
    const { lastEventId } = request.query as { lastEventId?: unknown };
    const call = callOf(request, reply);
    const afterSequence = lastSequence(request.headers[LAST_EVENT_ID]?.toString(), lastEventId);
    const updates = await openWatch(deps, { batchId, afterSequence, field: "Last-Event-ID" }, call);
    if (!updates) return reply.code(204).send();
    reply.hijack();
    const { raw: response } = reply;
    response.on("error", () => {}); // A client that disconnected.
    await sendEvents(response, updates, eventText(endEvent(batchId)), call).catch((error: unknown) => {
      if (!call.signal.aborted) giveUp(deps, response, error);
    });
  });
};

/** Without the last event, so that the client reconnects. A gateway that is closing ends its responses in order. */
function giveUp({ log, draining }: EventsDeps, response: Parameters<Handler>[1], error: unknown): void {
  if (draining.aborted) {
    response.end();
    return;
  }
  const isInternal = toPolyreelError(error).code === "internal";
  log[isInternal ? "error" : "debug"]({ err: error }, "events could not be sent");
  cutResponse(response);
}
