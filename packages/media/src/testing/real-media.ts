import { existsSync } from "node:fs";
import { resolve } from "node:path";

const FOLDER = resolve(import.meta.dirname, "../../../../../shared/media");

/**
 * Real recordings of different codecs, sizes, rates and colours, in a folder beside the repository, of which they are
 * not part. Undefined if missing; tests that need them are then skipped.
 */
export const REAL_MEDIA: string | undefined = existsSync(FOLDER) ? FOLDER : undefined;

if (!REAL_MEDIA) console.warn("There are no real recordings in ../shared/media: the tests that need them are skipped.");
