import { PolyreelError } from "@polyreel/platform";
import type { RestDeps } from "../deps.js";
import { noSuch } from "../jobs/find-job.js";
import type { RestCall } from "../rest-call.js";
import type { MediaFacts } from "./media-facts.js";

/** What is known of an uploaded file. Throws PolyreelError `not_found` if the tenant has no such file. */
export function fileFacts({ readMedia }: RestDeps, id: string, call: RestCall): Promise<MediaFacts> {
  return readMedia(id, call).catch((error: unknown) => {
    if (error instanceof PolyreelError && error.code === "not_found") throw noSuch("file", id);
    throw error;
  });
}
