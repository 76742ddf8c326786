import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { showProgress } from "./report/progress.js";
import { tableOf } from "./report/table.js";
import { choose, type RunOptions, run } from "./run.js";

const USAGE = "npm run bench -- [--quick] [--json] [--only <benchmark or figure>]...";
const EXIT = { failed: 1, usage: 2, signal: 128 };
const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const;

const stop = new AbortController();
let ended = 0;
for (const [name, number] of Object.entries(SIGNALS)) {
  process.once(name, () => {
    ended = EXIT.signal + number;
    stop.abort(new Error(`Ended by ${name}.`));
  });
}

function options(): RunOptions & { json: boolean } {
  const flag = { type: "boolean", default: false } as const;
  const only = { type: "string", multiple: true, default: [] as string[] } as const;
  const { values } = parseArgs({ options: { json: flag, quick: flag, only } });
  choose(values.only);
  return { ...values, signal: stop.signal };
}

/** Stores the last complete run. */
async function keep(json: string, name: string): Promise<void> {
  const folder = fileURLToPath(new URL("../out", import.meta.url));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), json);
}

async function main(): Promise<number> {
  let chosen: ReturnType<typeof options>;
  try {
    chosen = options();
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    return EXIT.usage;
  }
  try {
    using progress = showProgress(process.stderr); // Standard output carries results only.
    const report = await run(chosen, progress);
    const json = `${JSON.stringify(report, null, 2)}\n`;
    if (chosen.only.length === 0) await keep(json, chosen.quick ? "quick.json" : "bench.json");
    process.stdout.write(chosen.json ? json : `${tableOf(report)}\n`);
    return 0;
  } catch (error) {
    console.error(stop.signal.aborted ? (stop.signal.reason as Error).message : error);
    return ended || EXIT.failed;
  }
}

process.exitCode = await main();
