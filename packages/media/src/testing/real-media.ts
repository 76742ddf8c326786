import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { needs } from "@polyreel/platform/testing";

const FOLDER = resolve(import.meta.dirname, "../../../../../shared/media");

/**
 * Real recordings of different codecs, sizes, rates and colours, in a folder beside the repository, of which they are
 * not part. Undefined if missing; tests that need them are then skipped.
 */
export const REAL_MEDIA: string | undefined = existsSync(FOLDER) ? FOLDER : undefined;

export const NEEDS_REAL_MEDIA = needs(REAL_MEDIA, "needs real recordings in ../shared/media");
