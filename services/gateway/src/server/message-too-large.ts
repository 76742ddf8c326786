import { Code, ConnectError } from "@connectrpc/connect";

/** Refuses a request that is, uncompressed, larger than the limit of one message. */
export const messageTooLarge = (maxBytes: number): ConnectError =>
  new ConnectError(
    `The request has more than ${maxBytes.toLocaleString("en-US")} bytes. ` +
      "Split it, or raise GATEWAY_MAX_MESSAGE_BYTES on the server.",
    Code.ResourceExhausted,
  );
