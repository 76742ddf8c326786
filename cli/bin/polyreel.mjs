#!/usr/bin/env node
// The command is compiled TypeScript. This file exists before the first build, so that npm can link it.
import { statSync } from "node:fs";

const timeOf = (path) => statSync(new URL(path, import.meta.url), { throwIfNoEntry: false })?.mtimeMs ?? 0;

// The bundle loads faster. It is out of date if something was compiled since, by `tsc -b` alone.
const bundled = timeOf("../bundle/main.js");
if (bundled > 0 && bundled >= timeOf("../dist/.tsbuildinfo")) {
  await import("../bundle/main.js");
} else if (timeOf("../dist/main.js") > 0) {
  await import("../dist/main.js");
} else {
  process.stderr.write("error: Polyreel is not built yet\n  remedy: Run `npm run build` in its folder.\n");
  process.exitCode = 2;
}
