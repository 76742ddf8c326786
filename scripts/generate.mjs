// Generates the contract's code: TypeScript from proto/, the descriptors for server reflection, with comments for clients
// that show them, and the batch's descriptor with its comments for the batch file's JSON Schema.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";

const run = (...args) =>
  execFileSync("npx", ["--no-install", "buf", ...args], { stdio: "inherit", shell: process.platform === "win32" });

run("generate");
mkdirSync("packages/contract/dist", { recursive: true });
run("build", "-o", "packages/contract/dist/descriptors.binpb");
run(
  ...["build", "--exclude-imports", "--path", "proto/polyreel/v1/batch.proto"],
  ...["-o", "packages/contract/dist/batch-comments.binpb"],
);
