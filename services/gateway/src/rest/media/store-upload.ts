import { PolyreelError } from "@polyreel/platform";
import { SOURCES } from "@polyreel/platform/blobs";
import { Refusal } from "../../web/refusal.js";
import type { RestConfig, RestDeps } from "../deps.js";
import { type ReceivedForm, receiveForm } from "../forms/receive-form.js";
import { printable } from "../printable.js";
import type { RestCall } from "../rest-call.js";
import type { MediaFacts } from "./media-facts.js";
import { formatOf } from "./media-format.js";

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
  { tenants, readMedia }: Pick<RestDeps, "tenants" | "readMedia">,
  { maxUploadBytes, formats }: Pick<RestConfig, "maxUploadBytes" | "formats">,
  call: RestCall & { readonly kinds: readonly ("video" | "image")[] },
): Promise<ReceivedForm<Upload>> {
  const limits = { maxBytes: maxUploadBytes, signal: call.signal };
  const { fields, file } = await receiveForm(request, limits, async ({ bytes, fileName }, signal) => {
    const { store, sources } = tenants.of(call.tenant);
    const { sha256, sizeBytes } = await store.putHashed(SOURCES, bytes, { signal });
    await sources.wasWritten(sha256);
    return { sha256, sizeBytes, fileName: printable(fileName, MAX_NAME) };
  });
  if (file.sizeBytes === 0) throw unusable("The file is empty.", "Upload the file itself.");
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

const MAX_NAME = 200;

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
