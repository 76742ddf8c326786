import type { Log } from "@polyreel/platform/runtime";
import type { FastifyReply } from "fastify";
import { cutResponse } from "../server/responses.js";
import { type ByteAnswer, sendBytes } from "./answer-bytes.js";

/**
 * Sends bytes over a route of the web application, beside Fastify's own streams, which would read HEAD's bodies and end
 * broken ones like whole ones. Failures from here on cut the response.
 */
export async function sendFile(reply: FastifyReply, answer: ByteAnswer, signal: AbortSignal, log: Log): Promise<void> {
  reply.hijack();
  const { raw } = reply;
  raw.on("error", () => {}); // A client that disconnected.
  try {
    await sendBytes(answer, raw, signal);
  } catch (error) {
    if (signal.aborted) return;
    log.error({ err: error, route: reply.request.routeOptions.url }, "a download was cut");
    cutResponse(raw);
  }
}
