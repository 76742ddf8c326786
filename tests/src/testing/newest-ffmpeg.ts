import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the set-up for tests unpacks it (scripts/setup/python-wheels.mjs). */
const FOLDER = fileURLToPath(new URL("../../../.programs", import.meta.url));

/** The newest ffmpeg; undefined where it could not be fetched: tests that compare two ffmpegs are skipped there. */
export const NEWEST_FFMPEG: string | undefined = findProgram();

if (!NEWEST_FFMPEG) console.warn("There is no second ffmpeg in .programs: the tests that need it are skipped.");

function findProgram(): string | undefined {
  if (!existsSync(FOLDER)) return undefined;
  const paths = readdirSync(FOLDER, { recursive: true, encoding: "utf8" });
  const path = paths.find((file) => /^imageio-ffmpeg-.*\/binaries\/ffmpeg-[^/]*$/.test(file));
  return path && join(FOLDER, path);
}
