import { Code, ConnectError } from "@connectrpc/connect";
import type { Handler } from "./one-port.js";
import { refuseRequest } from "./refuse-request.js";

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/**
 * Connect calls of read-only methods by GET, whose message is in the query. Their responses are never cached: they
 * depend on the header with the tenant, and change over time. A message that is not base64 despite `base64=1` is
 * refused here: the adapter would answer with an internal error.
 * Protocol: https://connectrpc.com/docs/protocol#unary-get-request
 */
export function withGetCalls(handler: Handler): Handler {
  return (request, response) => {
    if (request.method !== "GET") return handler(request, response);
    response.setHeader("Cache-Control", "no-store");
    response.setHeader("X-Content-Type-Options", "nosniff");
    const query = new URLSearchParams((request.url ?? "").split("?", 2)[1]);
    if (query.get("base64") === "1" && !BASE64.test(query.get("message") ?? "")) {
      const refusal = new ConnectError("The message in the query is not base64.", Code.InvalidArgument);
      return refuseRequest(request, response, refusal);
    }
    handler(request, response);
  };
}
