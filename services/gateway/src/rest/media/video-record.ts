import { PolyreelError } from "@polyreel/platform";
import type { Job } from "../jobs/find-job.js";
import { printable } from "../printable.js";
import type { Upload } from "./store-upload.js";

/** What is kept of a video, in the metadata of its batch's input. */
export interface VideoRecord {
  readonly title: string;
  readonly description: string;
  readonly format: string;
  readonly sizeBytes: number;
  readonly durationSeconds: number;
}

const MAX_TITLE = 200;
const MAX_VALUE = 1000;
const MAX_OWN = 32;
/** Keys of metadata, as batches permit them. */
const KEY = /^[A-Za-z][A-Za-z0-9_]{0,62}$/;
const RESERVED = ["title", "description", "format", "bytes", "seconds", "operations"];

/** Metadata of the input, from the form's fields. Throws PolyreelError `invalid`, naming the field. */
export function videoMetadata(fields: ReadonlyMap<string, string>, { fileName, format, facts }: Upload) {
  const unknown = [...fields.keys()].find((name) => !["title", "description", "metadata"].includes(name));
  if (unknown !== undefined)
    throw refused(unknown.slice(0, 80), "The form has no such field.", "Fields: file, title, description, metadata.");
  const named = fields.get("title") || fileName.replace(/\.[A-Za-z0-9]{1,5}$/, "");
  const title = printable(named, named.length).trim() || "Untitled";
  // Of several lines.
  const description = (fields.get("description") ?? "").replace(/[^\P{Cc}\n\t]/gu, "");
  assertLength("title", title, MAX_TITLE);
  assertLength("description", description, MAX_VALUE);
  const own = ownMetadata(fields.get("metadata") ?? "");
  const { sizeBytes, durationSeconds } = facts;
  const metadata = { ...own, title, format, bytes: String(sizeBytes), seconds: String(durationSeconds) };
  return { title, metadata: description === "" ? metadata : { ...metadata, description } };
}

export function recordOf({ metadata }: Job): VideoRecord {
  return {
    title: metadata.title ?? "",
    description: metadata.description ?? "",
    format: metadata.format ?? "",
    sizeBytes: Number(metadata.bytes ?? 0),
    durationSeconds: Number(metadata.seconds ?? 0),
  };
}

function ownMetadata(text: string): Record<string, string> {
  if (text === "") return {};
  const values = parsed(text);
  const entries = Object.entries(values);
  if (entries.length > MAX_OWN) throw refused("metadata", `It has more than ${MAX_OWN} keys.`, "Leave some out.");
  return Object.fromEntries(
    entries.map(([key, value]) => {
      const field = `metadata.${key.slice(0, 80)}`;
      if (!KEY.test(key))
        throw refused(field, "The key is not a letter followed by letters, digits and _.", "Rename it.");
      if (RESERVED.includes(key)) throw refused(field, "The key is reserved.", `Reserved are ${RESERVED.join(", ")}.`);
      if (!["string", "number", "boolean"].includes(typeof value))
        throw refused(field, "The value is neither a text nor a number.", 'Write it as in {"sku": "0047"}.');
      assertLength(field, String(value), MAX_VALUE);
      return [key, printable(String(value), MAX_VALUE)];
    }),
  );
}

function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {}
  throw refused("metadata", "It is not a JSON object.", 'Write it as in {"sku": "0047"}.');
}

function assertLength(field: string, text: string, max: number): void {
  if (text.length > max) throw refused(field, `It has ${text.length} characters; the limit is ${max}.`, "Shorten it.");
}

const refused = (field: string, reason: string, remedy: string): PolyreelError =>
  new PolyreelError("invalid", { field, reason, remedy });
