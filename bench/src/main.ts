import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { tableOf } from "./report/table.js";
import { run } from "./run.js";

const { values } = parseArgs({ options: { json: { type: "boolean" }, quick: { type: "boolean" } } });
const quick = values.quick ?? false;

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort(new Error(`Ended by ${name}.`)));

// Standard output is for results.
const report = await run({ quick, signal: stop.signal }, (title) => console.error(`${title} ...`));
const json = `${JSON.stringify(report, null, 2)}\n`;
const folder = fileURLToPath(new URL("../out", import.meta.url));
await mkdir(folder, { recursive: true });
await writeFile(join(folder, quick ? "quick.json" : "bench.json"), json);
process.stdout.write(values.json ? json : `${tableOf(report)}\n`);
