import { constants, type ServerHttp2Stream } from "node:http2";

const POLL_MS = 10;

/**
 * A call may be answered before its client has sent everything. The client may then keep its half of the stream open,
 * and with it the connection, for any time: so once the whole response is sent, trailers included, the stream is reset
 * without an error, which asks the client to stop sending (RFC 9113, 8.1). An earlier reset would discard the rest of
 * the response.
 */
export function endUnreadStream(stream: ServerHttp2Stream): void {
  const look = () => {
    if (stream.destroyed || stream.closed) return;
    if (!stream.state.localClose) {
      setTimeout(look, POLL_MS).unref();
      return;
    }
    stream.close(constants.NGHTTP2_NO_ERROR);
    stream.destroy(); // Otherwise it waits for the remaining input to be read.
  };
  stream.once("finish", () => setImmediate(look));
}
