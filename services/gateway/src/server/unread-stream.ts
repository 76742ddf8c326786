import { constants, type ServerHttp2Stream } from "node:http2";

const LOOK_MS = 10;

/**
 * A call can be answered before its client has sent all it would. The client may then keep its half of the stream open, and
 * with it the connection, for as long as it likes: so when the whole answer is on its way, trailers included, the stream is
 * reset without an error, which asks the client to send no more (RFC 9113, 8.1). Sooner, a reset would take the rest of the
 * answer with it.
 */
export function endUnreadStream(stream: ServerHttp2Stream): void {
  const look = () => {
    if (stream.destroyed || stream.closed) return;
    if (!stream.state.localClose) {
      setTimeout(look, LOOK_MS).unref();
      return;
    }
    stream.close(constants.NGHTTP2_NO_ERROR);
    stream.destroy(); // else it waits for somebody to read what has come meanwhile
  };
  stream.once("finish", () => setImmediate(look));
}
