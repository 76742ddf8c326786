// Generates the contract's code: TypeScript from proto/, and the descriptors that server reflection answers with.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";

const run = (...args) =>
  execFileSync("npx", ["--no-install", "buf", ...args], { stdio: "inherit", shell: process.platform === "win32" });

run("generate");
mkdirSync("packages/contract/dist", { recursive: true });
run("build", "--exclude-source-info", "-o", "packages/contract/dist/descriptors.binpb");
