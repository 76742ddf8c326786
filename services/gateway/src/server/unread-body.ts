import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * A refusal may be sent before the request's body has been read, and the client then reuses the connection: the rest of
 * the body is read and dropped. A client that continues to send for longer than `patienceMs` is disconnected.
 */
export function dropUnreadBody(request: IncomingMessage, response: ServerResponse, patienceMs: number): void {
  // A reader that leaves early would destroy the request, so that nobody could read the rest.
  request[Symbol.asyncIterator] = () => request.iterator({ destroyOnReturn: false });
  response.once("finish", () => {
    if (request.complete) return;
    const cut = setTimeout(() => request.socket.destroy(), patienceMs);
    const drop = () => {
      while (request.read() !== null);
    };
    request.on("readable", drop);
    request.once("end", () => clearTimeout(cut));
    request.once("close", () => clearTimeout(cut));
    drop();
  });
}
