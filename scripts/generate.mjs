// Generates the contract's code: TypeScript from proto/, the descriptors that server reflection answers with, and the
// batch's own descriptor with its comments, which the batch file's JSON Schema tells.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";

const run = (...args) =>
  execFileSync("npx", ["--no-install", "buf", ...args], { stdio: "inherit", shell: process.platform === "win32" });

run("generate");
mkdirSync("packages/contract/dist", { recursive: true });
run("build", "--exclude-source-info", "-o", "packages/contract/dist/descriptors.binpb");
run(
  ...["build", "--exclude-imports", "--path", "proto/polyreel/v1/batch.proto"],
  ...["-o", "packages/contract/dist/batch-comments.binpb"],
);
