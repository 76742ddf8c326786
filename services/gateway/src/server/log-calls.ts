import { AsyncResource } from "node:async_hooks";
import { Code, type ConnectError, type Interceptor } from "@connectrpc/connect";
import type { Log } from "@polyreel/platform/runtime";
import { untilEnd } from "./call-end.js";
import { isOurFault, statusName, toConnectError } from "./errors.js";

/** Asked every few seconds by machines: not worth a line in the log. */
const QUIET = /^grpc\.(health|reflection)\./;

/** The access log, one line a call when it is over; and any error becomes the status that clients see. */
export function logCalls(log: Log): Interceptor {
  return (next) => (request) => {
    const rpc = `${request.service.typeName}/${request.method.name}`;
    const began = performance.now();
    // A stream ends in whatever context reads it last; the line belongs to the call's own trace.
    const end = AsyncResource.bind((error?: unknown): ConnectError | undefined => {
      const status = error === undefined ? undefined : toConnectError(error, request.signal);
      const ours = status !== undefined && isOurFault(status);
      const fields = { rpc, status: statusName(status), ms: Math.round(performance.now() - began) };
      log[levelOf(rpc, status)]({ ...fields, ...(ours && { err: status.cause ?? status }) }, "call");
      return status;
    });
    return untilEnd(() => next(request), end);
  };
}

function levelOf(rpc: string, status: ConnectError | undefined): "debug" | "info" | "warn" | "error" {
  if (status && isOurFault(status)) return "error";
  if (status?.code === Code.Unavailable) return "warn";
  return QUIET.test(rpc) ? "debug" : "info";
}
