import type { Log } from "@polyreel/platform/runtime";
import type { Output } from "../outputs/outputs.js";
import { answerBytes, type ServedFile } from "../web/answer-bytes.js";
import { sendFile } from "../web/send-file.js";
import type { RestRequest } from "./routes.js";

/** Sends a file to be saved, with ranges and conditional requests. */
export async function sendContent({ request, reply, signal }: RestRequest, file: ServedFile, log: Log): Promise<void> {
  await sendFile(reply, await answerBytes(request.raw, file), signal, log);
}

/** The result of a job. */
export const resultFile = ({
  fileName,
  contentType,
  sizeBytes,
  sha256OfHashes,
  renderedAt,
  read,
}: Output): ServedFile => ({
  ...{ fileName, contentType, sizeBytes, read },
  ...{ disposition: "attachment", etag: `"${sha256OfHashes}"`, lastModified: renderedAt },
});
