import { mkdirSync, renameSync, rmSync } from "node:fs";
import { runQuietly } from "./run.mjs";

/**
 * Installs Python packages into a folder, for PYTHONPATH. Throws SetupError if pip is missing or cannot fetch them.
 *
 * @param {string} what For the message, as in "Fetching gRPC for Python".
 * @param {string} folder
 * @param {string} requirements Path of a requirements file.
 */
export async function installPythonPackages(what, folder, requirements) {
  const temporary = `${folder}-unfinished`;
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  const pip = ["python3", "-m", "pip", "install", "--quiet", "--only-binary", ":all:", "--target", temporary];
  await runQuietly(`Fetching ${what}`, [...pip, "--requirement", requirements]);
  renameSync(temporary, folder);
}
