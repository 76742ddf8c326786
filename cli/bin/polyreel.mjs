#!/usr/bin/env node
// The command is compiled TypeScript. This file exists before the first build, so that npm can link it.
import { existsSync } from "node:fs";

const main = new URL("../dist/main.js", import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  process.stderr.write("error: Polyreel is not built yet\n  remedy: Run `npm run build` in its folder.\n");
  process.exitCode = 2;
}
