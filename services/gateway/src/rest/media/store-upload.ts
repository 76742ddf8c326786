import { SourceOrigin } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { putSource } from "../../sources/put-source.js";
import { Refusal } from "../../web/refusal.js";
import type { RestConfig } from "../config.js";
import type { RestDeps } from "../deps.js";
import { type ReceivedForm, receiveForm } from "../forms/receive-form.js";
import { printable } from "../printable.js";
import type { RestCall } from "../rest-call.js";
import type { MediaFacts } from "./media-facts.js";
import { formatOf } from "./media-format.js";
import { MAX_FILE_NAME } from "./uploaded-file.js";

/** An uploaded file in the store. */
export interface Upload {
  /** Its id: the SHA-256 of its bytes. */
  readonly sha256: string;
  readonly fileName: string;
  readonly format: string;
  readonly facts: MediaFacts;
}

/**
 * Stores the file of a form completely or not at all, and judges it by its bytes: its name and declared type are hints.
 * The store has the bytes of refused files until it removes unused sources.
 */
export async function receiveUpload(
  request: Parameters<typeof receiveForm>[0],
  { store, log, meter, readMedia }: Pick<RestDeps, "store" | "log" | "meter" | "readMedia">,
  { maxUploadBytes, formats }: Pick<RestConfig, "maxUploadBytes" | "formats">,
  call: RestCall & { readonly kinds: readonly ("video" | "image")[] },
): Promise<ReceivedForm<Upload>> {
  const limits = { maxBytes: maxUploadBytes, signal: call.signal };
  const { fields, file } = await receiveForm(request, limits, async ({ bytes, name, signal }) => {
    const fileName = printable(name, MAX_FILE_NAME);
    const put = { tenant: call.tenant, fileName, origin: SourceOrigin.FORM, field: "file", signal };
    return { ...(await putSource({ store, log, meter, maxSourceBytes: maxUploadBytes }, bytes, put)), fileName };
  });
  const facts = await readMedia(file.sha256, call).catch((error: unknown) => {
    if (error instanceof PolyreelError && error.code === "invalid")
      throw unusable(error.failure.reason, error.failure.remedy, error);
    throw error;
  });
  const format = formatOf(facts, file.fileName);
  const accepted = [
    ...(call.kinds.includes("video") ? formats : []),
    ...(call.kinds.includes("image") ? ["image"] : []),
  ];
  if (!accepted.includes(format) || !facts.picture) throw notAccepted(facts.picture ? format : "sound", accepted);
  return { fields, file: { sha256: file.sha256, fileName: file.fileName, format, facts } };
}

const unusable = (reason: string, remedy: string, cause?: unknown): PolyreelError =>
  new Refusal(415, { field: "file", reason, remedy }, { cause });

function notAccepted(format: string, accepted: readonly string[]): PolyreelError {
  const names = accepted.map((one) => (one === "image" ? "images" : one));
  return new Refusal(415, {
    field: "file",
    reason: `By its bytes the file is ${format === "image" ? "an image" : format}, which is not accepted here.`,
    remedy: `Accepted are ${names.join(", ")}.`,
  });
}
