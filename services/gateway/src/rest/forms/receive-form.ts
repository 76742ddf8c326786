import type { IncomingMessage } from "node:http";
import { PolyreelError } from "@polyreel/platform";
import { readForm, type TakeFile } from "../../sources/web/form.js";
import { Refusal } from "../../web/refusal.js";

export interface ReceivedForm<T> {
  /** The fields besides the file, wherever in the form they are. */
  readonly fields: ReadonlyMap<string, string>;
  readonly file: T;
}

const FIELD = "file";
/** Boundaries, headers and fields of a form, in addition to its file. */
const AROUND_BYTES = 8 * 1024 ** 2;

/**
 * Receives a form with exactly one file, which `take` consumes as it arrives. Throws PolyreelError `invalid` for a form with
 * other parts, and Refusals of 413 and 415.
 */
export async function receiveForm<T>(
  request: IncomingMessage,
  { maxBytes, signal }: { readonly maxBytes: number; readonly signal: AbortSignal },
  take: TakeFile<T>,
): Promise<ReceivedForm<T>> {
  const { headers } = request;
  if (!/^multipart\/form-data\b/i.test(headers["content-type"] ?? "")) throw noForm(headers["content-type"]);
  if (Number(headers["content-length"] ?? 0) > maxBytes + AROUND_BYTES) throw tooLarge(maxBytes);
  let isTaken = false;
  const { files, fields } = await readForm({ headers, body: request, signal }, async (file) => {
    if (isTaken) throw severalFiles();
    isTaken = true;
    return { taken: await take({ ...file, bytes: atMost(maxBytes, file.bytes) }) };
  });
  const [file] = files;
  if (!file) throw fields.has(FIELD) ? textAsFile() : missingFile();
  const single = [...fields].map(([name, values]) => {
    if (values.length > 1) throw repeatedField(name);
    return [name, values[0] ?? ""] as const;
  });
  return { fields: new Map(single), file: file.taken };
}

async function* atMost(maxBytes: number, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let received = 0;
  for await (const chunk of bytes) {
    received += chunk.byteLength;
    if (received > maxBytes) throw tooLarge(maxBytes);
    yield chunk;
  }
}

const REMEDY = 'Send the file as a form: curl -F "file=@talk.mp4" ...';

const noForm = (type: string | undefined): PolyreelError =>
  new Refusal(415, {
    field: "Content-Type",
    reason: type ? `The request is ${JSON.stringify(type.slice(0, 100))}, not a form.` : "The request has no form.",
    remedy: REMEDY,
  });

const missingFile = () =>
  new PolyreelError("invalid", { field: FIELD, reason: "The form has no file.", remedy: REMEDY });

const textAsFile = () =>
  new PolyreelError("invalid", { field: FIELD, reason: "The form's field is text, not a file.", remedy: REMEDY });

const severalFiles = () =>
  new PolyreelError("invalid", {
    field: FIELD,
    reason: "The form has several files.",
    remedy: "Upload one at a time.",
  });

const repeatedField = (name: string) =>
  new PolyreelError("invalid", {
    field: name,
    reason: "The form has the field several times.",
    remedy: "Send it once.",
  });

const tooLarge = (maxBytes: number): PolyreelError =>
  new Refusal(413, {
    field: FIELD,
    reason: `The file has more than ${maxBytes.toLocaleString("en-US")} bytes.`,
    remedy: "Upload a smaller one, or raise POLYREEL_REST_MAX_BYTES.",
  });
