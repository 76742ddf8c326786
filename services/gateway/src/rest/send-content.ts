import { Readable } from "node:stream";
import { answerContent } from "../outputs/answer-content.js";
import type { Output } from "../outputs/outputs.js";
import type { RestRequest } from "./routes.js";

/** Sends a file to be saved, with ranges and conditional requests. */
export async function sendContent({ request, reply }: RestRequest, content: Output): Promise<unknown> {
  const { status, headers, body } = await answerContent(request, content, "attachment");
  return reply
    .code(status)
    .headers(headers)
    .send(Readable.from(body, { objectMode: false }));
}
