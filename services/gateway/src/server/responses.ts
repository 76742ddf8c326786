import { constants } from "node:http2";
import type { Handler } from "./one-port.js";

type Response = Parameters<Handler>[1];

/** Bytes that wait for the client to read. */
export const unreadBytes = (response: Response): number =>
  "stream" in response ? response.stream.writableLength : response.writableLength;

/**
 * Ends a response in the middle by its connection (HTTP/2: the stream), so that it is not mistaken for a complete one.
 */
export function cutResponse(response: Response): void {
  if ("stream" in response) response.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  else response.destroy();
}
