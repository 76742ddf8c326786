import type { ConnectError } from "@connectrpc/connect";
import { codeToHttpStatus, errorToJson } from "@connectrpc/connect/protocol-connect";
import type { Handler } from "./one-port.js";

/** Refuses a request before a call begins, in each protocol's form, so that clients show the reason. */
export function refuseRequest(
  request: Parameters<Handler>[0],
  response: Parameters<Handler>[1],
  refusal: ConnectError,
): void {
  const type = request.headers["content-type"] ?? "";
  if (type.startsWith("application/grpc")) {
    // A gRPC response without messages: its trailers are its headers.
    response.writeHead(200, {
      "Content-Type": type,
      "grpc-status": String(refusal.code),
      "grpc-message": encodeURIComponent(refusal.rawMessage),
    });
    response.end();
    return;
  }
  response.writeHead(codeToHttpStatus(refusal.code), { "Content-Type": "application/json" });
  response.end(request.method === "HEAD" ? "" : JSON.stringify(errorToJson(refusal, undefined)));
}
