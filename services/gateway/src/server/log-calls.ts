import { AsyncResource } from "node:async_hooks";
import { Code, type ConnectError, type Interceptor } from "@connectrpc/connect";
import type { Log } from "@polyreel/platform/runtime";
import { untilEnd } from "./call-end.js";
import { addressKey } from "./client-address.js";
import { isOurFault, statusName, toConnectError } from "./errors.js";

/** Polled every few seconds by machines: not logged. */
const QUIET = /^grpc\.(health|reflection)\./;

/** The access log, one line per completed call; also converts errors to the status for clients. */
export function logCalls(log: Log): Interceptor {
  return (next) => (request) => {
    const rpc = `${request.service.typeName}/${request.method.name}`;
    const began = performance.now();
    // A stream ends in the context of its last reader; the line belongs to the call's own trace.
    const end = AsyncResource.bind((error?: unknown): ConnectError | undefined => {
      const status = error === undefined ? undefined : toConnectError(error, request.signal);
      const ours = status !== undefined && isOurFault(status);
      const client = request.contextValues.get(addressKey);
      const fields = { rpc, client, status: statusName(status), ms: Math.round(performance.now() - began) };
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
