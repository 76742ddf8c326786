import { parseArgs } from "node:util";
import { runHostile } from "./run-hostile.js";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "50" },
    seed: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  },
});
const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort(new Error(`Ended by ${name}.`)));

const began = performance.now();
// Standard output is for the result where it is to be read by a program.
const tell = values.json ? console.error : console.log;
const numbers = { count: Number(values.count), seed: Number(values.seed) };
const { report, problems } = await runHostile({ ...numbers, signal: stop.signal, tell });
for (const problem of problems) console.error(problem);
tell(`${((performance.now() - began) / 1000).toFixed(0)} s`);
console.log(values.json ? JSON.stringify(report) : report);
process.exitCode = problems.length > 0 ? 1 : 0;
