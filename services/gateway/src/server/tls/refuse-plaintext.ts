import { Code, ConnectError } from "@connectrpc/connect";
import type { Handler } from "../one-port.js";
import { refuseRequest } from "../refuse-request.js";

/** Answers plaintext on a port that speaks TLS, in the client's own protocol, and reads no more from it. */
export const refusePlaintext: Handler = (request, response) => {
  if (request.httpVersionMajor === 1) response.setHeader("Connection", "close");
  const text = "This port speaks TLS only: use https:// instead of http://; for gRPC, a channel with TLS.";
  refuseRequest(request, response, new ConnectError(text, Code.FailedPrecondition));
};
