import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Busboy, type BusboyHeaders, type BusboyInstance } from "@fastify/busboy";
import { PolyreelError } from "@polyreel/platform";
import { Refusal } from "../../web/refusal.js";

/** The file of a form, as its bytes arrive. */
export interface FormFile {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** As the client names it, without folders; may be empty. */
  readonly fileName: string;
  /** As the client states it: a hint at most. */
  readonly contentType: string;
}

export interface ReceivedForm<T> {
  /** The fields besides the file, before or after it. */
  readonly fields: ReadonlyMap<string, string>;
  readonly file: T;
}

interface Limits {
  /** Of the file. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

const FIELD = "file";
const MAX_FIELDS = 20;
const MAX_FIELD_BYTES = 64 * 1024;
/** Boundaries, headers and fields of a form, in addition to its file. */
const AROUND_BYTES = (MAX_FIELDS + 1) * (MAX_FIELD_BYTES + 1024);

/**
 * Receives a form (multipart/form-data) with exactly one file, in the field "file", which `take` consumes as it
 * arrives; memory stays bounded, whatever the file's size. The first cause of an end wins: a limit, an end amid the
 * form, a failure of `take`. Throws PolyreelError `invalid` for a form that is none or has other parts, and Refusals of 413
 * and 415.
 */
export async function receiveForm<T>(
  request: IncomingMessage,
  { maxBytes, signal }: Limits,
  take: (file: FormFile, signal: AbortSignal) => Promise<T>,
): Promise<ReceivedForm<T>> {
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > maxBytes + AROUND_BYTES) throw tooLarge(maxBytes);
  const parser = parserOf(request, maxBytes);
  const failed = new AbortController();
  const fail = (error: unknown) => failed.abort(error);
  const ended = AbortSignal.any([signal, failed.signal]);
  const fields = new Map<string, string>();
  let taken: Promise<T> | undefined;

  parser.on("file", (name, bytes, fileName, _encoding, contentType) => {
    bytes.once("limit", () => fail(tooLarge(maxBytes)));
    bytes.on("error", () => {}); // A form that ends early: reported below.
    if (name !== FIELD || taken) {
      fail(taken ? secondFile() : otherFileField(name));
      bytes.resume();
      return;
    }
    taken = take({ bytes: untilAborted(bytes, ended), fileName: fileName ?? "", contentType }, ended);
    taken.catch(fail);
  });
  parser.on("field", (name, value, nameTruncated, valueTruncated) => {
    if (nameTruncated || valueTruncated) fail(longField(name));
    else if (name === FIELD) fail(fieldWithoutFile());
    else if (fields.has(name)) fail(repeatedField(name));
    else fields.set(name, value);
  });
  parser.on("filesLimit", () => fail(secondFile()));
  parser.on("fieldsLimit", () => fail(tooManyFields()));
  try {
    // Not piped: the request's own iterator notices clients that stall.
    await pipeline(chunksOf(request), parser, { signal: ended });
    if (!taken) throw missingFile();
    return { fields, file: await taken };
  } catch (error) {
    fail(error);
    await taken?.catch(() => {}); // It ends first: nothing of it must remain.
    if (signal.aborted) throw signal.reason;
    const cause: unknown = failed.signal.reason;
    throw isEndOfForm(cause) ? brokenForm(cause) : cause;
  }
}

async function* chunksOf(request: IncomingMessage): AsyncGenerator<Buffer> {
  yield* request;
}

/** A parser that stops midway leaves the streams of its parts open forever. */
async function* untilAborted(bytes: Readable, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const end = () => bytes.destroy(signal.reason instanceof Error ? signal.reason : new Error("The form ended."));
  signal.addEventListener("abort", end, { once: true });
  try {
    signal.throwIfAborted();
    yield* bytes;
  } finally {
    signal.removeEventListener("abort", end);
  }
}

function parserOf({ headers }: IncomingMessage, maxBytes: number): BusboyInstance {
  const type = headers["content-type"];
  if (type === undefined || !/^multipart\/form-data\b/i.test(type)) throw noForm(type);
  try {
    const limits = { files: 1, fileSize: maxBytes, fields: MAX_FIELDS, fieldSize: MAX_FIELD_BYTES, headerPairs: 50 };
    return new Busboy({ headers: headers as BusboyHeaders, limits });
  } catch (error) {
    throw brokenForm(error);
  }
}

/** Errors of the parser itself, which have no code. */
const isEndOfForm = (error: unknown): boolean =>
  error instanceof Error && !(error instanceof PolyreelError) && !("code" in error) && error.name === "Error";

const UPLOAD = 'Send the file as a form: curl -F "file=@talk.mp4" ...';

const noForm = (type: string | undefined): PolyreelError =>
  new Refusal(415, {
    field: "Content-Type",
    reason: type ? `The request is ${JSON.stringify(type.slice(0, 100))}, not a form.` : "The request has no form.",
    remedy: UPLOAD,
  });

const brokenForm = (cause: unknown): PolyreelError =>
  new PolyreelError(
    "invalid",
    { reason: "The form is damaged, or ends before its last boundary.", remedy: UPLOAD },
    { cause },
  );

const missingFile = () =>
  new PolyreelError("invalid", { field: FIELD, reason: "The form has no file.", remedy: UPLOAD });

const fieldWithoutFile = () =>
  new PolyreelError("invalid", { field: FIELD, reason: "The form's field is text, not a file.", remedy: UPLOAD });

const otherFileField = (name: string) =>
  new PolyreelError("invalid", {
    field: FIELD,
    reason: `The form has its file in the field ${JSON.stringify(name.slice(0, 80))}.`,
    remedy: UPLOAD,
  });

const secondFile = () =>
  new PolyreelError("invalid", {
    field: FIELD,
    reason: "The form has several files.",
    remedy: "Upload one at a time.",
  });

const longField = (name: string) =>
  new PolyreelError("invalid", {
    field: name.slice(0, 80),
    reason: `The field is longer than ${MAX_FIELD_BYTES / 1024} KB.`,
    remedy: "Shorten it.",
  });

const repeatedField = (name: string) =>
  new PolyreelError("invalid", {
    field: name.slice(0, 80),
    reason: "The form has the field twice.",
    remedy: "Send it once.",
  });

const tooManyFields = () =>
  new PolyreelError("invalid", { reason: `The form has more than ${MAX_FIELDS} fields.`, remedy: "Leave some out." });

const tooLarge = (maxBytes: number): PolyreelError =>
  new Refusal(413, {
    field: FIELD,
    reason: `The file has more than ${maxBytes.toLocaleString("en-US")} bytes.`,
    remedy: "Upload a smaller one, or raise POLYREEL_REST_MAX_BYTES.",
  });
