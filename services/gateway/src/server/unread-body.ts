import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * A refusal can be on its way before the request's body has been read, and the client then uses the connection again: what
 * is left of the body is read and dropped. A client that goes on sending for longer than `patienceMs` is cut off.
 */
export function dropUnreadBody(request: IncomingMessage, response: ServerResponse, patienceMs: number): void {
  // A reader that leaves early would destroy the request, and nobody could read the rest any more.
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
