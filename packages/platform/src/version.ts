import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** Resolved by name: the bundled command has this module in another folder. */
const MANIFEST = createRequire(import.meta.url).resolve("@polyreel/platform/package.json");

/** Of this release: that of all packages. */
export const VERSION = (JSON.parse(readFileSync(MANIFEST, "utf8")) as { version: string }).version;
