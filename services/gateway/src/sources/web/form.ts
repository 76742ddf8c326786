import { once } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import { Busboy, type BusboyHeaders, type BusboyInstance } from "@fastify/busboy";
import { PolyreelError } from "@polyreel/platform";

/** Limits of one form. */
const LIMITS = { files: 100, fields: 100, parts: 200, fieldSize: 65_536, fieldNameSize: 200, headerPairs: 100 };

/** Fields of a form, by name; each may be given several times. */
export type FormFields = ReadonlyMap<string, readonly string[]>;

/** Takes one file of a form while it arrives. Must read it to its end, or fail. */
export type TakeFile<T> = (file: { name: string; bytes: AsyncIterable<Uint8Array>; signal: AbortSignal }) => Promise<T>;

export interface Form<T> {
  /** In the form's order. */
  readonly files: readonly T[];
  readonly fields: FormFields;
}

/**
 * Reads a form (multipart/form-data) as it arrives, in bounded memory. The first failure ends it: the body's, the form's
 * own, which are PolyreelErrors `invalid`, or that of a file.
 */
export async function readForm<T>(
  { headers, body, signal }: { headers: IncomingHttpHeaders; body: AsyncIterable<Uint8Array>; signal: AbortSignal },
  take: TakeFile<T>,
): Promise<Form<T>> {
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const fields = new Map<string, string[]>();
  const files: Promise<T>[] = [];
  const form = openForm(headers);
  const finished = once(form, "finish", { signal: stop });
  finished.catch(() => {});
  form.on("error", (error) => failed.abort(wrongForm(error)));
  for (const limit of ["filesLimit", "fieldsLimit", "partsLimit"] as const) {
    form.on(limit, () => failed.abort(tooMany()));
  }
  form.on("field", (name, value, nameTruncated, valueTruncated) => {
    if (nameTruncated || valueTruncated) return failed.abort(tooLong(name));
    fields.set(name, [...(fields.get(name) ?? []), value]);
  });
  form.on("file", (_field, bytes, name) => {
    bytes.on("error", () => {}); // Its reader reports it.
    const taken = take({ name: name ?? "", bytes, signal: stop });
    taken.catch((error: unknown) => failed.abort(error));
    files.push(taken);
  });
  try {
    for await (const chunk of body) {
      stop.throwIfAborted();
      if (!form.write(chunk)) await once(form, "drain", { signal: stop });
    }
    form.end();
    await finished;
    return { files: await Promise.all(files), fields };
  } catch (error) {
    failed.abort(error);
    throw signal.aborted ? error : failed.signal.reason; // The first cause.
  } finally {
    failed.abort();
    await Promise.allSettled(files);
    form.destroy();
  }
}

function openForm(headers: IncomingHttpHeaders): BusboyInstance {
  try {
    return new Busboy({ headers: headers as BusboyHeaders, limits: LIMITS, preservePath: false });
  } catch (error) {
    throw wrongForm(error);
  }
}

const REMEDY = "Send a form as in curl -F file=@clip.mp4.";

const wrongForm = (error: unknown): PolyreelError =>
  new PolyreelError("invalid", {
    reason: `The form cannot be read (${error instanceof Error ? error.message : String(error)}).`,
    remedy: REMEDY,
  });

const tooMany = (): PolyreelError =>
  new PolyreelError("invalid", {
    reason: `The form has more than ${LIMITS.files} files or ${LIMITS.fields} fields.`,
    remedy: "Send several forms.",
  });

const tooLong = (name: string): PolyreelError =>
  new PolyreelError("invalid", {
    field: name.slice(0, LIMITS.fieldNameSize),
    reason: `A field of the form is longer than ${LIMITS.fieldSize} bytes.`,
    remedy: "Shorten it; send a file as in curl -F file=@clip.mp4.",
  });
