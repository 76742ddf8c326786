import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runChaos } from "./run-chaos.js";

const { values } = parseArgs({
  options: {
    trials: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  },
});
const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort(new Error(`Ended by ${name}.`)));

const began = performance.now();
// Standard output is for the result where it is to be read by a program.
const tell = values.json ? console.error : console.log;
const logFolder = fileURLToPath(new URL("../../out/chaos", import.meta.url));
const numbers = { trials: Number(values.trials), seed: Number(values.seed) };
const { report, problems } = await runChaos({ ...numbers, logFolder, signal: stop.signal, tell });
tell(`${((performance.now() - began) / 1000).toFixed(0)} s`);
console.log(values.json ? JSON.stringify(report) : report);
process.exitCode = problems.length > 0 ? 1 : 0;
