import { codeToHttpStatus, errorToJson } from "@connectrpc/connect/protocol-connect";
import type { Log } from "@polyreel/platform/runtime";
import { isOurFault, toConnectError } from "../server/errors.js";
import type { Handler } from "../server/one-port.js";
import { cutResponse } from "../server/responses.js";

/**
 * Sends an error over plain HTTP in the API's form: the status and a Connect error in JSON. In the middle of a response
 * the connection (HTTP/2: the stream) is cut, so that an incomplete response is not mistaken for a complete one.
 */
export function refuse(response: Parameters<Handler>[1], error: unknown, log: Log): void {
  const status = toConnectError(error);
  if (isOurFault(status)) log.error({ err: error }, "an output could not be served");
  else log.debug({ err: error }, "an output was refused");
  if (response.headersSent) {
    cutResponse(response);
    return;
  }
  response.writeHead(codeToHttpStatus(status.code), { "Content-Type": "application/json" });
  response.end(JSON.stringify(errorToJson(status, undefined)));
}
