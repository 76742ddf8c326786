import { AsyncLocalStorage } from "node:async_hooks";
import { Code, ConnectError } from "@connectrpc/connect";
import { connectedClient, setClient } from "./client-address.js";
import { type Client, ForgedHeaders, readForwarded } from "./forwarded.js";
import type { Handler } from "./one-port.js";
import { refuseRequest } from "./refuse-request.js";
import { trustedProxies } from "./trusted-proxies.js";

const origins = new AsyncLocalStorage<string>();

/**
 * Where the client of the current request has reached the first trusted proxy ("https://studio.example"); undefined if no
 * such proxy has stated it.
 */
export const forwardedOrigin = (): string | undefined => origins.getStore();

/** Finds out who sends each request, and what trusted proxies state about that, before anything else reads it. */
export function withForwarded(handler: Handler, proxies: readonly string[]): Handler {
  const isTrusted = trustedProxies(proxies);
  return (request, response) => {
    const connected = connectedClient(request);
    setClient(request, connected);
    let forwarded: Client | undefined;
    try {
      forwarded = readForwarded(request.headers, connected.address, isTrusted);
    } catch (error) {
      if (!(error instanceof ForgedHeaders)) throw error;
      return refuseRequest(request, response, new ConnectError(error.message, Code.InvalidArgument));
    }
    if (!forwarded) return handler(request, response);
    setClient(request, forwarded);
    const { scheme, host = request.headers[":authority"] ?? request.headers.host } = forwarded;
    const origin = `${scheme}://${host}`;
    if (!scheme || !host || !URL.canParse(origin)) return handler(request, response);
    origins.run(new URL(origin).origin, () => handler(request, response));
  };
}
