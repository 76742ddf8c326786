import type { ConnectError } from "@connectrpc/connect";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import {
  codeToHttpStatus,
  createEndStreamSerialization,
  endStreamFlag,
  errorToJson,
} from "@connectrpc/connect/protocol-connect";
import { setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import { OUTPUT_URL_ROOT } from "@polyreel/contract";
import { PROBLEM_TYPE, problem } from "../web/problem.js";
import { isCall } from "./is-call.js";
import type { Handler } from "./one-port.js";
import { pathOf } from "./router.js";

const refusals = new WeakMap<object, ConnectError>();

/** How a request was refused before a call began; undefined if it was not. */
export const refusalOf = (request: object): ConnectError | undefined => refusals.get(request);

/**
 * Refuses a request before a call begins, in each protocol's form, so that clients show the reason. `exact`: status of
 * HTTP where that is more exact than the refusal's code, and streams have none; gRPC does not have it.
 */
export function refuseRequest(
  request: Parameters<Handler>[0],
  response: Parameters<Handler>[1],
  refusal: ConnectError,
  exact?: number,
): void {
  refusals.set(request, refusal);
  const type = request.headers["content-type"] ?? "";
  if (type.startsWith("application/grpc")) {
    // A gRPC response without messages: its trailers are its headers.
    const trailers = Object.fromEntries(setTrailerStatus(new Headers(), refusal));
    response.writeHead(200, { "Content-Type": type, ...trailers });
    response.end();
    return;
  }
  if (type.startsWith("application/connect+") && exact === undefined) {
    // A stream's status is in its last message: https://connectrpc.com/docs/protocol#streaming-response
    const { serialize } = createEndStreamSerialization(undefined);
    response.writeHead(200, { "Content-Type": type });
    response.end(encodeEnvelope(endStreamFlag, serialize({ metadata: new Headers(), error: refusal })));
    return;
  }
  const status = exact ?? codeToHttpStatus(refusal.code);
  for (const [name, value] of refusal.metadata) response.setHeader(name, value);
  const isPlain = !isCall(request) && !pathOf(request.url ?? "").startsWith(OUTPUT_URL_ROOT);
  const body = isPlain ? problem(status, refusal.rawMessage) : errorToJson(refusal, undefined);
  response.writeHead(status, { "Content-Type": isPlain ? PROBLEM_TYPE : "application/json" });
  response.end(request.method === "HEAD" ? "" : JSON.stringify(body));
}
