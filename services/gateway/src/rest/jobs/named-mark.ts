import { PolyreelError } from "@polyreel/platform";
import type { RestDeps } from "../deps.js";
import { uploadedFile } from "../media/uploaded-file.js";
import type { RestCall } from "../rest-call.js";

/** What a job draws as a watermark. */
export type Mark =
  | {
      readonly case: "image";
      readonly value: { readonly location: { readonly case: "sha256"; readonly value: string } };
    }
  | { readonly case: "text"; readonly value: string };

export interface MarkFields {
  readonly watermark_file_id?: string;
  readonly watermark_text?: string;
}

/**
 * The watermark that a body names, which its operations need or do not. Throws PolyreelError `invalid`, naming the field;
 * `not_found` if the tenant has no such file.
 */
export async function namedMark(
  { watermark_file_id: fileId, watermark_text: text }: MarkFields,
  isNeeded: boolean,
  deps: RestDeps,
  call: RestCall,
): Promise<Mark | undefined> {
  const field = text === undefined ? "watermark_file_id" : "watermark_text";
  const given = [fileId, text].filter((one) => one !== undefined).length;
  if (!isNeeded && given > 0)
    throw invalid(field, "No operation of the job draws a watermark.", "Add the operation watermark.");
  if (!isNeeded) return undefined;
  if (given === 0) throw invalid("watermark_text", "The operation watermark has nothing to draw.", EITHER);
  if (given > 1) throw invalid("watermark_text", "The body names two watermarks.", EITHER);
  if (text !== undefined) {
    if (text.trim() === "") throw invalid("watermark_text", "The text shows nothing.", "Give it letters.");
    return { case: "text", value: text };
  }
  const { facts } = await uploadedFile(deps, fileId ?? "", call);
  if (!facts.picture?.still)
    throw invalid(field, "The file is not an image.", "Upload a still image, or give watermark_text.");
  return { case: "image", value: { location: { case: "sha256", value: fileId ?? "" } } };
}

const EITHER = "Give either watermark_file_id, the id of an uploaded image, or watermark_text.";

const invalid = (field: string, reason: string, remedy: string): PolyreelError =>
  new PolyreelError("invalid", { field, reason, remedy });
