import { PolyreelError } from "@polyreel/platform";
import { readRecord } from "../../sources/source-record.js";
import type { RestDeps } from "../deps.js";
import { noSuch } from "../jobs/find-job.js";
import { printable } from "../printable.js";
import type { RestCall } from "../rest-call.js";
import type { MediaFacts } from "./media-facts.js";

export const MAX_FILE_NAME = 200;

/** An uploaded file. */
export interface UploadedFile {
  readonly facts: MediaFacts;
  /** As it was uploaded first; may be empty. */
  readonly fileName: string;
}

/** Throws PolyreelError `not_found` if the tenant has no such file. */
export async function uploadedFile(
  { readMedia, tenants }: RestDeps,
  id: string,
  call: RestCall,
): Promise<UploadedFile> {
  const facts = await readMedia(id, call).catch((error: unknown) => {
    if (error instanceof PolyreelError && error.code === "not_found") throw noSuch("file", id);
    throw error;
  });
  const record = await readRecord(tenants.of(call.tenant).store, id, call.signal);
  return { facts, fileName: printable(record?.fileName ?? "", MAX_FILE_NAME) };
}
