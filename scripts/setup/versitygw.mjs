// A second S3 server for the tests of the store, built with Go below the project's folder.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { runQuietly, SetupError } from "./run.mjs";
import { hasProgram } from "./system.mjs";

const FOLDER = join(".programs", "go-bin");
const VERSITYGW = "github.com/versity/versitygw/cmd/versitygw@v1.8.0";

/** Throws SetupError if Go is missing, too old, or cannot fetch modules. */
export async function ensureVersitygw() {
  if (existsSync(join(FOLDER, "versitygw"))) return;
  if (!hasProgram("go")) throw new SetupError("Missing: Go, which versitygw, a second S3 server, is built with.");
  await runQuietly("Building versitygw", ["go", "install", VERSITYGW], { GOBIN: resolve(FOLDER) });
}
